import * as fc from 'fast-check';
import type { Pool, PoolOptions, TaskOptions } from 'claude-pool';
import { PLAIN_PROMPT, prompts } from './soak-script.ts';

/** The bounds within which the moves scale. */
export const SLOT_BOUNDS = { min: 48, max: 64 } as const;

export const SLOTS: Exclude<PoolOptions['slots'], number | undefined> = [
  { name: 'Ada', role: 'writer' },
  { name: 'Bob', role: 'writer', description: 'Answers in one word.' },
  { role: 'tester' },
  { budgetUsd: 0.5 },
  { budgetUsd: 2 },
  ...Array.from({ length: SLOT_BOUNDS.max - 5 }, () => ({})),
];

/** What somebody who has a pool may do with it; `which` picks among what there is. */
export type Move =
  | {
      readonly type: 'submit' | 'review' | 'runAndAbort';
      readonly prompt: string;
      readonly options: TaskOptions;
    }
  | { readonly type: 'fanOut'; readonly prompts: readonly string[] }
  | { readonly type: 'continue' | 'fork'; readonly which: number }
  | {
      readonly type: 'approve' | 'reject' | 'cancel' | 'kill' | 'read' | 'message' | 'configure';
      readonly which: number;
    }
  | { readonly type: 'broadcast' | 'share' | 'forget' }
  | { readonly type: 'scale'; readonly slots: number };

const prompt = prompts;
const which = fc.nat();

const options: fc.Arbitrary<TaskOptions> = fc.oneof(
  { arbitrary: fc.constant({}), weight: 50 },
  { arbitrary: fc.record({ priority: fc.integer({ min: -2, max: 2 }) }), weight: 10 },
  {
    arbitrary: fc.record({ maxBudgetUsd: fc.constantFrom(0.0001, 0.01, 0.1, 2, 50, 150, 300, 10_000) }),
    weight: 8,
  },
  { arbitrary: fc.record({ timeoutMs: fc.integer({ min: 1, max: 1_000 }) }), weight: 5 },
  { arbitrary: fc.record({ slotWaitMs: fc.integer({ min: 1, max: 2_000 }) }), weight: 5 },
  { arbitrary: fc.constant<TaskOptions>({ session: 'fresh' }), weight: 8 },
  { arbitrary: fc.constant<TaskOptions>({ appendSystemPrompt: 'Be brief.' }), weight: 2 },
  { arbitrary: fc.constant<TaskOptions>({ maxTurns: 1 }), weight: 1 },
  {
    arbitrary: fc.constantFrom<TaskOptions>(
      { slot: { id: 'slot-2' } },
      { slot: { id: 'slot-99' } },
      { slot: { name: 'Ada' } },
      { slot: { name: 'Nobody' }, slotWaitMs: 3_000 },
      { slot: { role: 'writer' } },
    ),
    weight: 8,
  },
);

export const move: fc.Arbitrary<Move> = fc.oneof(
  { arbitrary: fc.record({ type: fc.constant('submit' as const), prompt, options }), weight: 1200 },
  { arbitrary: fc.record({ type: fc.constant('review' as const), prompt, options }), weight: 200 },
  { arbitrary: fc.record({ type: fc.constant('runAndAbort' as const), prompt, options }), weight: 80 },
  {
    arbitrary: fc.record({
      type: fc.constant('fanOut' as const),
      prompts: fc.array(prompt, { maxLength: 5 }),
    }),
    weight: 40,
  },
  {
    arbitrary: fc.record({ type: fc.constantFrom('continue' as const, 'fork' as const), which }),
    weight: 80,
  },
  {
    arbitrary: fc.record({ type: fc.constantFrom('approve' as const, 'reject' as const), which }),
    weight: 280,
  },
  { arbitrary: fc.record({ type: fc.constant('cancel' as const), which }), weight: 160 },
  { arbitrary: fc.record({ type: fc.constant('kill' as const), which }), weight: 14 },
  { arbitrary: fc.record({ type: fc.constantFrom('message' as const, 'read' as const), which }), weight: 80 },
  { arbitrary: fc.record({ type: fc.constant('configure' as const), which }), weight: 20 },
  { arbitrary: fc.record({ type: fc.constant('broadcast' as const) }), weight: 6 },
  { arbitrary: fc.record({ type: fc.constantFrom('share' as const, 'forget' as const) }), weight: 3 },
  {
    arbitrary: fc.record({
      type: fc.constant('scale' as const),
      slots: fc.constantFrom(SLOT_BOUNDS.max, SLOT_BOUNDS.max, SLOT_BOUNDS.max, 60, 54, SLOT_BOUNDS.min),
    }),
    weight: 8,
  },
);

/** Ids of conversations that somebody may want to go on with: the last ones. */
export interface Memory {
  readonly conversations: string[];
}

/** Makes the move. What it waits for ends with the task that it is about, at the latest. */
export async function play(pool: Pool, next: Move, memory: Memory): Promise<void> {
  switch (next.type) {
    case 'submit':
      await pool.wait(await pool.submit(next.prompt, next.options));
      return;
    case 'review':
      await pool.wait(await pool.submitWithReview(next.prompt, { ...next.options, maxRejections: 2 }));
      return;
    case 'runAndAbort':
      await pool.run(next.prompt, { ...next.options, signal: AbortSignal.timeout(next.prompt.length * 10) });
      return;
    case 'fanOut':
      await pool.fanOut(next.prompts);
      return;
    case 'continue':
    case 'fork': {
      const id = pick(memory.conversations, next.which);
      if (id === undefined) return;
      const session = next.type === 'fork' ? { fork: id } : { resume: id };
      const { sessionId } = await pool.run(PLAIN_PROMPT, { session, slotWaitMs: 5_000 });
      if (sessionId !== undefined) memory.conversations[next.which % 20] = sessionId;
      return;
    }
    case 'approve':
    case 'reject': {
      const task = pick(pool.tasks({ state: 'pendingReview' }), next.which);
      if (task === undefined) return;
      if (next.type === 'reject') await pool.rejectResult(task.id, 'Not good enough.');
      else {
        const { sessionId } = await pool.approveResult(task.id);
        if (sessionId !== undefined) memory.conversations[next.which % 20] = sessionId;
      }
      return;
    }
    case 'cancel': {
      const task = pick(pool.tasks({ limit: 1_000 }), next.which);
      if (task !== undefined) await pool.cancel(task.id);
      return;
    }
    case 'kill': {
      const { children } = pool.actor.getSnapshot();
      const pids = pool
        .status()
        .slots.flatMap(({ id }) => children[id as `slot-${number}`]?.getSnapshot().context.pid ?? []);
      const pid = pick(pids, next.which);
      if (pid !== undefined) process.kill(pid, 'SIGKILL');
      return;
    }
    case 'message':
      pool.sendMessage('soak', `slot-${next.which % SLOT_BOUNDS.max}`, 'Mind the gap.');
      return;
    case 'read':
      pool.readMessages(`slot-${next.which % SLOT_BOUNDS.max}`);
      return;
    case 'configure':
      pool.configureSlot(`slot-${next.which % 8}`, { name: ['Ada', 'Bob', 'Eve'][next.which % 3] ?? 'Ada' });
      return;
    case 'broadcast':
      pool.broadcastMessage('soak', 'Hello all.');
      return;
    case 'share':
      pool.contextSet('weather', String(Date.now()));
      return;
    case 'forget':
      pool.contextDelete('weather');
      return;
    case 'scale':
      pool.setTargetSlots(next.slots);
      return;
  }
}

function pick<Item>(items: readonly Item[], place: number): Item | undefined {
  return items[place % Math.max(1, items.length)];
}
