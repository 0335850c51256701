import path from 'node:path';
import Database from 'libsql';
import { memoryStore } from '../../src/store/memory-store.ts';
import type { DurableStore, StoreBatch, StoredEvent } from '../../src/store/port.ts';
import { sqliteStore } from '../../src/store/sqlite-store.ts';

export const STATES = ['pending', 'running', 'completed'] as const;
const PROMPT = 'Fix the bug in main.ts and say what it was. '.repeat(4);
const ANY = { version: 1, read: (value: unknown) => value };
const EVENT = { version: 1, read: (value: unknown) => value as StoredEvent };

export interface Kept {
  readonly task: unknown;
  readonly chain: unknown;
  readonly pool: unknown;
  readonly event: StoredEvent;
}

export type State = (typeof STATES)[number];
/** Resolves when the change is durable. */
type Save = (id: string, place: number, state: State) => Promise<void>;

export interface Contender {
  readonly name: string;
  readonly open: (folder: string) => { readonly save: Save; readonly close: () => Promise<void> };
}

/** Who does the same work, by name. */
export const CONTENDERS: readonly Contender[] = [
  { name: 'raw libsql, full', open: (folder) => rawLibsql(folder, 'full') },
  { name: 'sqlite store, full', open: (stateDir) => viaJournal(openStore(stateDir, 'full')) },
  { name: 'raw libsql, normal', open: (folder) => rawLibsql(folder, 'normal') },
  { name: 'sqlite store, normal', open: (stateDir) => viaJournal(openStore(stateDir, 'normal')) },
  { name: 'memory store', open: () => viaJournal(memoryStore<Kept>()) },
];

/** Groups the changes of one turn of the event loop, as the pool's journal does. */
function grouped(commit: (changes: readonly Change[]) => Promise<void>): (change: Change) => Promise<void> {
  let changes: Change[] = [];
  let open: Promise<void> | undefined;
  let last: Promise<void> = Promise.resolve();
  return (change) => {
    changes.push(change);
    open ??= last = flush(last);
    return open;
  };

  async function flush(previous: Promise<void>): Promise<void> {
    await previous;
    await new Promise((resolve) => setImmediate(resolve));
    const group = changes;
    changes = [];
    open = undefined;
    await commit(group);
  }
}

export interface Change {
  readonly id: string;
  readonly place: number;
  readonly state: State;
}

function viaJournal(store: DurableStore<Kept>): ReturnType<Contender['open']> {
  let seq = 0;
  const commit = grouped((changes) => store.commit(batchOf(changes, () => (seq += 1))));
  return { save: (id, place, state) => commit({ id, place, state }), close: () => store.close() };
}

export function batchOf(changes: readonly Change[], nextSeq: () => number): StoreBatch<Kept> {
  return {
    tasks: changes.map(({ id, place, state }) => ({
      id,
      seq: place,
      state,
      priority: 0,
      updatedAt: 1_790_000_000_000,
      data: recordOf({ id, place, state }),
    })),
    chains: [],
    pool: { ledger: { spent: 1_234, reserved: 5_678 } },
    events: changes.map(({ id, state }) => eventOf(nextSeq(), id, state)),
  };
}

/** The least that one writes by hand: two tables, one index, one transaction per group. */
function rawLibsql(folder: string, synchronous: 'full' | 'normal'): ReturnType<Contender['open']> {
  const database = new Database(path.join(folder, 'raw.db'));
  database.exec(
    `PRAGMA journal_mode = WAL; PRAGMA synchronous = ${synchronous};
     CREATE TABLE tasks (id TEXT PRIMARY KEY, seq INTEGER, state TEXT, data TEXT);
     CREATE INDEX tasks_state ON tasks (state, seq);
     CREATE TABLE events (seq INTEGER PRIMARY KEY, data TEXT);
     CREATE TABLE pool (no INTEGER PRIMARY KEY, data TEXT)`,
  );
  const insertTask = database.prepare(
    'INSERT INTO tasks VALUES (?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET state = excluded.state, data = excluded.data',
  );
  const insertEvent = database.prepare('INSERT INTO events VALUES (?, ?)');
  const writePool = database.prepare('INSERT OR REPLACE INTO pool VALUES (1, ?)');
  let seq = 0;
  const write = database.transaction((changes: readonly Change[]) => {
    for (const { id, place, state } of changes) {
      insertTask.run([id, place, state, JSON.stringify(recordOf({ id, place, state }))]);
      seq += 1;
      insertEvent.run([seq, JSON.stringify(eventOf(seq, id, state))]);
    }
    writePool.run([JSON.stringify({ ledger: { spent: 1_234, reserved: 5_678 } })]);
  });
  const commit = grouped(async (changes) => write(changes));
  return {
    save: (id, place, state) => commit({ id, place, state }),
    close: async () => void database.close(),
  };
}

function recordOf({ id, place, state }: Change): unknown {
  const report = {
    output: PROMPT,
    spend: 1_234,
    tokensUsed: { input: 1, output: 2, cacheRead: 3, cacheWrite: 4 },
  };
  return {
    status: state === 'completed' ? 'done' : 'active',
    value: state,
    context: {
      id,
      seq: place,
      prompt: PROMPT,
      options: { tags: [], priority: 0 },
      generation: 1,
      attempts: 1,
      ...(state === 'completed' && { report }),
    },
  };
}

function eventOf(seq: number, taskId: string, state: State): StoredEvent {
  return { seq, at: 1_790_000_000_000, type: `task.${state}`, taskId };
}

export function openStore(
  stateDir: string,
  synchronous: 'full' | 'normal',
  keepFinished = 10_000,
): DurableStore<Kept> {
  const formats = { task: ANY, chain: ANY, pool: ANY, event: EVENT };
  return sqliteStore<Kept>({ stateDir, formats, synchronous, keepFinished, keepEvents: 100_000 });
}
