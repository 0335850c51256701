import type { Pool } from '../index.ts';
import { excerptOf } from './excerpt.ts';
import type { Excerpt } from './excerpt.ts';

/** What there is to know of one actor; `undefined` for a name that the public API does not know. */
export function detailOf(pool: Pool, name: string): Excerpt | undefined {
  if (name === 'pool') return excerptOf({ ...pool.status(), metrics: pool.metrics() });
  if (name.startsWith('task-')) return ifKnown(() => pool.task(name));
  if (name.startsWith('chain-')) return ifKnown(() => pool.chainResult(name));
  const slot = pool.findSlots().find(({ id }) => id === name);
  return slot && excerptOf(slot);
}

function ifKnown(read: () => object): Excerpt | undefined {
  try {
    return excerptOf(read());
  } catch {
    return undefined;
  }
}
