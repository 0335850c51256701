import { watch } from 'node:fs/promises';
import type { HistoryOptions } from '../api.ts';
import { COMMIT_BELL } from '../durable/commit-bell.ts';
import type { PoolEvent } from '../events.ts';

const PAGE = 1_000;

export interface FollowOptions extends Omit<HistoryOptions, 'limit'> {
  readonly stateDir: string;
  readonly events: (options: HistoryOptions) => Promise<readonly PoolEvent[]>;
  readonly signal: AbortSignal | undefined;
}

/** Events as they are kept, for as long as one reads. Rejects with the signal's reason. */
export async function* followEvents({
  stateDir,
  events,
  signal,
  from = 1,
  task,
}: FollowOptions): AsyncGenerator<PoolEvent> {
  signal?.throwIfAborted();
  const leaving = new AbortController();
  const rings = ringsIn(stateDir, AbortSignal.any([leaving.signal, ...(signal ? [signal] : [])]));
  // Listens before anything is read: what is committed in between rings.
  let ring = heard(rings);
  let next = from;
  try {
    for (;;) {
      const page = await events({ from: next, limit: PAGE, ...(task !== undefined && { task }) });
      yield* page;
      next = (page.at(-1)?.seq ?? next - 1) + 1;
      if (page.length === PAGE) continue;
      await ring;
      signal?.throwIfAborted();
      ring = heard(rings);
    }
  } finally {
    leaving.abort();
  }
}

/** Settles with the next ring, or when nobody listens any more. */
async function heard(rings: AsyncIterator<unknown>): Promise<void> {
  await rings.next().catch(() => undefined);
}

async function* ringsIn(stateDir: string, signal: AbortSignal): AsyncGenerator<undefined> {
  for await (const { filename } of watch(stateDir, { signal })) {
    if (filename === COMMIT_BELL) yield undefined;
  }
}
