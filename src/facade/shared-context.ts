import type { Pool } from '../api.ts';
import type { FacadeParts } from './facade-parts.ts';
import { PoolError } from '../errors.ts';
import { assertOpen } from './assert-open.ts';
import { parseText } from '../options/call-arguments.ts';

type SharedContext = Pick<Pool, 'contextSet' | 'contextGet' | 'contextDelete' | 'contextList'>;

/** It stands in one argument of each slot's process, beside the system prompt. */
const MAX_BYTES = 32_768;

/** The methods for what every slot knows. */
export function sharedContext({ actor, now, publish }: FacadeParts): SharedContext {
  const entries = (): Readonly<Record<string, string>> => actor.getSnapshot().context.shared;

  return {
    contextSet(key, value) {
      const name = parseText('key', key);
      const text = parseText('value', value);
      assertOpen(actor.getSnapshot());
      assertFits({ ...entries(), [name]: text });
      actor.send({ type: 'context.set', key: name, value: text, at: now() });
      publish({ type: 'context.changed', reason: name });
    },
    contextGet: (key) => (Object.hasOwn(entries(), key) ? entries()[key] : undefined),
    contextDelete(key) {
      assertOpen(actor.getSnapshot());
      if (!Object.hasOwn(entries(), key)) return false;
      actor.send({ type: 'context.set', key, at: now() });
      publish({ type: 'context.changed', reason: key });
      return true;
    },
    contextList: entries,
  };
}

function assertFits(shared: Readonly<Record<string, string>>): void {
  const bytes = Buffer.byteLength(Object.entries(shared).flat().join(''));
  if (bytes <= MAX_BYTES) return;
  const message = `Expected the shared context to have at most ${MAX_BYTES} bytes, got ${bytes}. Every slot reads it with every task: leave long texts in a file, and name the file.`;
  throw new PoolError('INVALID_OPTIONS', message);
}
