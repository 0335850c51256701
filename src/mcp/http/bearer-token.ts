import { randomBytes } from 'node:crypto';
import { mkdir, open, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { PoolError } from '../../index.ts';

/**
 * The token in a file that nobody else may read. The file is made when there is none.
 * Rejects with `INVALID_OPTIONS` when others may read it, or the token is shorter than 16 characters.
 */
export async function bearerToken(file: string): Promise<string> {
  await mkdir(path.dirname(file), { recursive: true });
  await create(file);
  const { mode } = await stat(file);
  if (process.platform !== 'win32' && (mode & 0o077) !== 0) {
    throw new PoolError(
      'INVALID_OPTIONS',
      `Expected a token file that only its owner can read, got ${file} with mode ${(mode & 0o777).toString(8)}. Run \`chmod 600 ${file}\`.`,
    );
  }
  const token = (await readFile(file, 'utf8')).trim();
  if (token.length >= 16) return token;
  throw new PoolError(
    'INVALID_OPTIONS',
    `Expected a token of at least 16 characters in ${file}. Delete the file for a new one.`,
  );
}

async function create(file: string): Promise<void> {
  try {
    await using handle = await open(file, 'wx', 0o600);
    await handle.writeFile(`${randomBytes(32).toString('base64url')}\n`);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  }
}
