import Database from 'libsql';

export interface FsyncFault {
  /** Commits that still succeed. */
  readonly after: number;
  /** Whether what was written is there all the same: a disk that fails to synchronise may have it, or not. */
  readonly isKept: boolean;
}

/** From then on every commit of this process ends as one whose `fsync` fails. Returns the undo. */
export function failFsync({ after, isKept }: FsyncFault): () => void {
  const exec: unknown = Reflect.get(Database.prototype, 'exec');
  const really = (database: Database.Database, sql: string): Database.Database =>
    Reflect.apply(exec as Database.Database['exec'], database, [sql]);
  let left = after;

  Reflect.set(Database.prototype, 'exec', function fail(this: Database.Database, sql: string) {
    if (sql !== 'COMMIT') return really(this, sql);
    left -= 1;
    if (left >= 0) return really(this, sql);
    really(this, isKept ? 'COMMIT' : 'ROLLBACK');
    throw Object.assign(new Error('disk I/O error'), { code: 'SQLITE_IOERR_FSYNC' });
  });
  return () => void Reflect.set(Database.prototype, 'exec', exec);
}
