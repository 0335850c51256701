import type { Pool } from './api.ts';
import type { FacadeParts } from './facade-parts.ts';
import { assertOpen } from './open-pool.ts';
import { parseText } from './options.ts';

type SharedContext = Pick<Pool, 'contextSet' | 'contextGet' | 'contextDelete' | 'contextList'>;

/** The methods for what every slot knows. */
export function sharedContext({ actor, now, publish }: FacadeParts): SharedContext {
  const entries = (): Readonly<Record<string, string>> => actor.getSnapshot().context.shared;

  return {
    contextSet(key, value) {
      const name = parseText('key', key);
      const text = parseText('value', value);
      assertOpen(actor.getSnapshot());
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
