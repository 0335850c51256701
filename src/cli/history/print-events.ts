import type { History, PoolEvent } from '../../index.ts';
import { eventLine } from './event-line.ts';
import type { EventsFlags } from './history-commands.ts';
import { readHistory } from './read-history.ts';

/** `claude-pool events`. */
export function printEvents(flags: EventsFlags): Promise<number> {
  return readHistory(flags, async (history, signal) => {
    let left = flags.limit ?? Infinity;
    for await (const event of eventsOf(history, flags, signal)) {
      process.stdout.write(`${flags.json === true ? JSON.stringify(event) : eventLine(event)}\n`);
      left -= 1;
      if (left <= 0) break;
    }
  });
}

async function* eventsOf(
  history: History,
  { from, task, limit, follow }: EventsFlags,
  signal: AbortSignal,
): AsyncGenerator<PoolEvent> {
  const range = { from, signal, ...(task !== undefined && { task }) };
  if (follow === true) yield* history.follow(range);
  else yield* await history.events({ ...range, ...(limit !== undefined && { limit }) });
}
