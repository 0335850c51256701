import Database from 'libsql';

export interface FsyncFault {
  /** Commits that still succeed. */
  readonly after: number;
  /** Whether what was written is there all the same: a disk that fails to synchronise may have it, or not. */
  readonly isKept: boolean;
}

/** From then on every commit of this process ends as one whose `fsync` fails. Returns the undo. */
export function failFsync({ after, isKept }: FsyncFault): () => void {
  const { exec } = Database.prototype;
  let left = after;

  Database.prototype.exec = function (sql: string) {
    if (sql !== 'COMMIT') return exec.call(this, sql);
    left -= 1;
    if (left >= 0) return exec.call(this, sql);
    exec.call(this, isKept ? 'COMMIT' : 'ROLLBACK');
    throw Object.assign(new Error('disk I/O error'), { code: 'SQLITE_IOERR_FSYNC' });
  };
  return () => {
    Database.prototype.exec = exec;
  };
}
