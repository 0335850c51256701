import { PoolError, replay } from '../index.ts';
import type { History, PoolEvent } from '../index.ts';
import type { Board } from './board.ts';
import { cut, excerptOf } from './excerpt.ts';
import type { FeedEntry } from './feed-entry.ts';
import { pastEntries } from './past-entries.ts';
import type { Scene } from './scene.ts';

/** Events that are at hand; what came before them is folded into one. */
const MOST_EVENTS = 10_000;
const MOST_PROMPTS = 10_000;
const MOST_REVIEWS = 50;

/** As much of a history as it needs. */
export type PastHistory = Pick<History, 'tasks' | 'task' | 'chain' | 'follow'>;

export interface PastSceneOptions {
  /** The last event to show. @default what there is, and what comes */
  readonly until?: number | undefined;
  readonly signal: AbortSignal;
}

/** What a pool has kept in its `stateDir`, and goes on to keep while it works there. Read only. */
export async function pastScene(
  history: PastHistory,
  { until = Infinity, signal }: PastSceneOptions,
): Promise<Scene> {
  const prompts = await promptsIn(history, signal);
  const listeners = new Set<(entry: FeedEntry) => void>();
  const entriesOf = pastEntries();
  let events: PoolEvent[] = [];
  let entries: FeedEntry[] = [];

  function add(event: PoolEvent): void {
    events.push(event);
    const told = entriesOf(event).map(withPrompt);
    entries.push(...told);
    for (const listener of listeners) for (const entry of told) listener(entry);
    if (events.length > 2 * MOST_EVENTS) fold();
  }

  function fold(): void {
    const older = events.slice(0, -MOST_EVENTS);
    const { seq = 0, at = 0 } = older.at(-1) ?? {};
    const { slots, ...summary } = replay(older).status;
    const change = { ...summary, slots, slotIds: slots.map(({ id }) => id) };
    events = [{ type: 'pool.starting', seq, at, change }, ...events.slice(-MOST_EVENTS)];
    entries = entries.filter((entry) => entry.seq > seq);
  }

  function withPrompt(entry: FeedEntry): FeedEntry {
    if (entry.type !== 'actor') return entry;
    const prompt = prompts.get(entry.name);
    return prompt === undefined ? entry : { ...entry, prompt };
  }

  function board(at = Infinity): Board {
    const { status, tasks } = replay(events, at);
    const waiting = tasks.filter(({ state }) => state === 'pendingReview').slice(-MOST_REVIEWS);
    const reviews = waiting.map(({ id, spendUsd }) => ({
      taskId: id,
      prompt: prompts.get(id) ?? '',
      output: '',
      spendUsd,
    }));
    return { status, reviews };
  }

  async function read(): Promise<void> {
    for await (const event of history.follow({ signal })) {
      if (event.seq > until) return;
      add(event);
    }
  }

  read().catch((error: unknown) => {
    if (!signal.aborted) process.emitWarning(error instanceof Error ? error : String(error));
  });
  return {
    isPast: true,
    picture: () => ({ actors: [], omitted: 0 }),
    recent: () => entries,
    board,
    detail: (name) => detailOf(name, { history, board, signal }),
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

async function promptsIn(history: PastHistory, signal: AbortSignal): Promise<ReadonlyMap<string, string>> {
  const tasks = await history.tasks({ limit: MOST_PROMPTS, signal });
  return new Map(tasks.map(({ id, prompt }) => [id, cut(prompt)]));
}

async function detailOf(
  name: string,
  {
    history,
    board,
    signal,
  }: { readonly history: PastHistory; readonly signal: AbortSignal } & Pick<Scene, 'board'>,
): Promise<ReturnType<typeof excerptOf> | undefined> {
  const { status } = board();
  if (name === 'pool') return excerptOf(status);
  const slot = status.slots.find(({ id }) => id === name);
  if (slot !== undefined) return excerptOf(slot);
  try {
    return excerptOf(
      name.startsWith('chain-')
        ? await history.chain(name, { signal })
        : await history.task(name, { signal }),
    );
  } catch (error) {
    if (error instanceof PoolError && error.code.endsWith('_NOT_FOUND')) return undefined;
    throw error;
  }
}
