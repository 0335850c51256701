import type { Timestamp } from './types.ts';

/** When an event was; entry actions see the initial one too, which has no time. */
export function timeOf(event: object): Timestamp {
  return 'at' in event && typeof event.at === 'number' ? event.at : 0;
}
