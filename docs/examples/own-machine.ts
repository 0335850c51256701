import { randomUUID } from 'node:crypto';
import { alarmActor, claudeDriver, sessionActor } from 'claude-pool';
import { directory, poolMachine, slotMachine } from 'claude-pool/machines';
import type { PoolInput, TaskView } from 'claude-pool/machines';
import { assign, createActor, sendTo, setup } from 'xstate';

const POOL: PoolInput = {
  slots: [{ name: 'writer' }],
  settings: { permissionMode: 'plan' },
  slotPolicy: {
    session: 'resume',
    maxRestarts: 3,
    restartWindowMs: 600_000,
    restartBackoffMs: 1_000,
    maxProcessTurns: 100,
  },
  budgetMicros: 2_000_000,
};

type ReleaseEvent =
  | { readonly type: 'task.changed'; readonly task: TaskView }
  | { readonly type: 'release.accept' }
  | { readonly type: 'release.redraft'; readonly wish: string };

const release = setup({
  types: {
    context: {} as { readonly wish: string; readonly notes: string },
    events: {} as ReleaseEvent,
  },
  actors: { pool: poolMachine },
  actions: {
    askForNotes: sendTo('pool', ({ context }) => submission(`Draft the release notes. ${context.wish}`)),
    keepNotes: assign(({ event }) => (event.type === 'task.changed' ? { notes: textOf(event.task) } : {})),
    noteWish: assign(({ event }) => (event.type === 'release.redraft' ? { wish: event.wish } : {})),
    drainPool: sendTo('pool', () => ({ type: 'pool.drain', at: Date.now() }) as const),
  },
  guards: {
    isDrafted: ({ event }) => event.type === 'task.changed' && event.task.state === 'completed',
    isLost: ({ event }) => event.type === 'task.changed' && event.task.state === 'failed',
    hasNotes: ({ context }) => context.notes !== '',
  },
});

/** A release: Claude drafts the notes, a person accepts them or wishes for another draft. */
export const releaseMachine = release.createMachine({
  id: 'release',
  context: { wish: 'Be brief.', notes: '' },
  initial: 'open',
  states: {
    open: {
      invoke: {
        src: 'pool',
        id: 'pool',
        input: POOL,
        onDone: [{ guard: 'hasNotes', target: 'published' }, { target: 'abandoned' }],
        onError: 'abandoned',
      },
      initial: 'drafting',
      states: {
        drafting: {
          entry: 'askForNotes',
          on: {
            'task.changed': [
              { guard: 'isDrafted', target: 'reviewing', actions: 'keepNotes' },
              { guard: 'isLost', target: 'closing' },
            ],
          },
        },
        reviewing: {
          on: {
            'release.accept': 'closing',
            'release.redraft': { target: 'drafting', actions: 'noteWish' },
          },
        },
        closing: { entry: 'drainPool' },
      },
    },
    published: { type: 'final' },
    abandoned: { type: 'final' },
  },
});

/** The ports of the pool: its timer, its sessions, and who is told of its tasks. */
export function startRelease(driver = claudeDriver()) {
  const slot = slotMachine.provide({ actors: { session: sessionActor({ driver }) } });
  const tasks = directory({ observe: ({ task }) => actor.send({ type: 'task.changed', task }) });
  const pool = poolMachine.provide({ actors: { alarm: alarmActor(), directory: tasks, slot } });
  const actor = createActor(releaseMachine.provide({ actors: { pool } }));
  actor.subscribe({ error: console.error });
  return actor.start();
}

function submission(prompt: string) {
  const now = Date.now();
  const input = { id: randomUUID(), prompt, options: {}, seq: now, submittedAt: now };
  return { type: 'task.submit', input, at: now } as const;
}

function textOf({ context }: TaskView): string {
  return context.report?.evidence.result?.text ?? '';
}
