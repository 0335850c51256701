import { createHash, randomBytes } from 'node:crypto';
import path from 'node:path';

/** A name that no other pool has: one of the folder that the pool is kept in, else one for this pool only. */
export function poolName(stateDir: string | undefined): string {
  if (stateDir === undefined) return `pid-${process.pid}-${randomBytes(3).toString('hex')}`;
  const mark = createHash('sha256').update(path.resolve(stateDir)).digest('hex').slice(0, 12);
  return `state-${mark}`;
}
