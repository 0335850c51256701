import { readFile } from 'node:fs/promises';
import { PoolError } from '../../index.ts';
import { readStdin } from './read-stdin.ts';

/** The text of a file, or of stdin for `-`. */
export async function readInput(file: string, signal: AbortSignal): Promise<string> {
  if (file === '-') return readStdin(signal);
  try {
    return await readFile(file, { encoding: 'utf8', signal });
  } catch (cause) {
    signal.throwIfAborted();
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new PoolError('INVALID_OPTIONS', `Expected a file that can be read, got \`${file}\`: ${why}.`, {
      cause,
    });
  }
}
