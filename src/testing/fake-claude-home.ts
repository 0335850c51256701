import { tmpdir } from 'node:os';
import path from 'node:path';

/** Where a fake Claude keeps its things that was given no home: never in that of a real one. */
export function defaultHome(): string {
  return path.join(tmpdir(), `claude-pool-fake-${process.getuid?.() ?? 0}`);
}
