import { PoolError } from '../errors.ts';

const REMEDIES: readonly { readonly codes: readonly string[]; readonly remedy: string }[] = [
  {
    codes: ['SQLITE_FULL', 'ENOSPC', 'EDQUOT', 'EFBIG'],
    remedy: 'The disk is full: free some space, then start the pool again.',
  },
  {
    codes: ['SQLITE_NOTADB', 'SQLITE_CORRUPT'],
    remedy: 'The file is damaged: put a backup in its place, or move it away to start with nothing.',
  },
  {
    codes: ['SQLITE_BUSY', 'SQLITE_LOCKED'],
    remedy: 'Another process holds the file: end that process, then start the pool again.',
  },
  {
    codes: ['SQLITE_READONLY', 'SQLITE_PERM', 'SQLITE_CANTOPEN', 'EACCES', 'EPERM', 'EROFS', 'ENOTDIR'],
    remedy: 'The folder and its files must be writable for the user of the pool.',
  },
  {
    codes: ['SQLITE_IOERR', 'EIO'],
    remedy: 'The disk does not read or write: check it and its file system, then start the pool again.',
  },
];

const FALLBACK = 'Nothing half-written is kept: see `cause`, then start the pool again.';

export interface StoreAttempt {
  readonly file: string;
  /** Goes on from "Expected to". */
  readonly what: string;
}

/** Runs a piece of work on the store; what it throws becomes a `STORE` error that says what to do. */
export function storeAttempt<Result>({ file, what }: StoreAttempt, work: () => Result): Result {
  try {
    return work();
  } catch (cause) {
    if (cause instanceof PoolError) throw cause;
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new PoolError(
      'STORE',
      `Expected to ${what} \`${file}\`, got an error: ${message}. ${remedyFor(cause)}`,
      {
        cause,
      },
    );
  }
}

/** The code of an error of SQLite or of the file system; empty when it has none. */
export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

function remedyFor(cause: unknown): string {
  const code = codeOf(cause);
  return REMEDIES.find(({ codes }) => codes.some((known) => code.startsWith(known)))?.remedy ?? FALLBACK;
}
