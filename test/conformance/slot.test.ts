import type { SnapshotFrom } from 'xstate';
import { expect, test, vi } from 'vitest';
import type { SlotRequest } from '../../machines/port.ts';
import { slotMachine } from '../../machines/slot.ts';
import type { SlotEvent, SlotInput } from '../../machines/slot-types.ts';
import type { AttemptReport, Evidence } from '../../machines/types.ts';
import { abortable } from '../../src/abortable.ts';
import type { TaskResult } from '../../src/api.ts';
import { parsePoolOptions } from '../../src/options/parse-pool-options.ts';
import type { ClaudeDriver } from '../../src/ports.ts';
import { checkInvariants } from '../../src/testing/model/check-invariants.ts';
import { coverage } from '../../src/testing/model/coverage.ts';
import { paths } from '../../src/testing/model/paths.ts';
import { silent } from '../../src/testing/model/silent.ts';
import { stage } from '../../src/testing/model/stage.ts';
import { instantDriver } from '../bench/instant-driver.ts';
import { ANSWERED, CRASHED, OUT_OF_TURNS, reportOf } from '../machines/attempt.ts';
import type { Play } from './directed-claude.ts';
import { directedStage } from './directed-stage.ts';
import { heldSessions } from './held-sessions.ts';
import type { Deed } from './held-sessions.ts';
import { dealt, nameOf, wholePaths } from './whole-paths.ts';

type SlotSnapshot = SnapshotFrom<typeof slotMachine>;
type Path = (typeof walks)[number];

const SHARES = 37;
const OPTIONS = { slots: 2, retries: 0, maxRestarts: 1, breakAfter: 0 } as const;
const BACKOFF_OVER = { type: 'xstate.after.restartBackoff.slot.recovering' } as const;
const NOTE = { id: '1', from: 'you', to: 'slot-0', text: 'Mind the gap.', at: 1 };
const OPENED: SlotEvent = { type: 'session.opened', at: 1, version: '2.1.330', pid: 7 };
const RENAME: SlotEvent = { type: 'slot.configure', identity: { name: 'Bob' }, at: 1 };
const POST: SlotEvent = { type: 'message.received', message: NOTE, at: 1 };
const SHARE: SlotEvent = { type: 'slot.share', shared: { branch: 'main' }, at: 1 };
const FORGET: SlotEvent = { type: 'slot.forget', at: 1 };
const READ: SlotEvent = { type: 'messages.read', ids: ['1'], at: 1 };
const PLAYS = new Map<Evidence, Play>([
  [ANSWERED, 'answered'],
  [OUT_OF_TURNS, 'outOfTurns'],
  [CRASHED, 'crashed'],
]);

/**
 * A pool gives no task to a slot that is not idle, asks for the first word of a probe only,
 * and what an actor says after it was stopped is not heard.
 */
const CAUSELESS = [
  'slot --slot.assign[0]',
  'slot.busy --session.answered[0]',
  'slot.recovering --session.ended[0]',
  'slot.failed --session.ended[0]',
];

const input: SlotInput = {
  id: 'slot-0',
  settings: {},
  identity: {},
  shared: {},
  policy: parsePoolOptions(OPTIONS).input.slotPolicy,
};
const quiet = slotMachine.provide({ actors: { session: silent } });
const walks = wholePaths(paths(quiet, { input, events: eventsFor }));

test('the paths that are walked on a real pool take every transition of a slot that a pool has a cause for', () => {
  const { inspect, missing } = coverage(quiet);

  for (const path of walks) {
    const { actor } = stage(quiet, { input, inspect });
    for (const event of path) actor.send(event);
  }

  expect(missing()).toEqual(CAUSELESS);
});

test.concurrent.each(dealt(walks, SHARES).map((share) => [share.length, share] as const))(
  'a real slot does as the model on %i paths',
  async (_, share) => {
    for (const path of share) expect(await follow(path)).toBe(path.length);
  },
);

async function follow(path: Path): Promise<number> {
  const name = nameOf(path);
  await using real = await realSlot();
  const { actor: model } = stage(quiet, { input });
  for (const event of path) {
    await real.ready(model.getSnapshot());

    const hadTask = hasTask(model.getSnapshot());
    model.send(event);
    await real.cause(event);
    if (event.type === 'session.ended' && hadTask && !hasTask(model.getSnapshot())) real.forgetTask();

    const shown = shownOf(model.getSnapshot());
    await seen(() => expect([name, real.shown()]).toEqual([name, shown]));
    expect([name, checkInvariants(real.pool, { lateMs: Infinity })]).toEqual([name, []]);
  }
  return path.length;
}

/** What brings about each event of the model, on a pool with another slot that answers at once. */
async function realSlot() {
  let sessions = heldSessions(instantDriver());
  const stageOfSlot = await directedStage({
    ...OPTIONS,
    between(claude) {
      sessions = heldSessions(claude);
      return beside(sessions.driver);
    },
  });
  const { pool, claude, pass } = stageOfSlot;
  const failing = {
    TIMEOUT: stageOfSlot.driverWith({ readyTimeoutMs: 1 }),
    CLAUDE_NOT_FOUND: stageOfSlot.driverWith({ command: '/nowhere/claude' }),
  };
  let taskId = '';
  let sessionId = '';

  /** A session that is closed before it is open opens in vain. */
  async function end(code: string | undefined): Promise<void> {
    if (code === 'TIMEOUT' || code === 'CLAUDE_NOT_FOUND') return sessions.let('open', failing[code]);
    if (code === 'KILLED') sessions.kill();
    const deed = await soon(Promise.race([sessions.waits('open'), sessions.waits('end')]));
    sessions.let(deed);
  }

  return {
    pool,
    /** Resolves when the real slot waits for what the model waits for. */
    async ready(model: SlotSnapshot): Promise<void> {
      if (model.matches('busy')) await soon(claude.waits(taskId));
      const deed = deedOf(model);
      if (deed !== undefined) await soon(sessions.waits(deed));
    },
    async cause(event: Path[number]): Promise<void> {
      switch (event.type) {
        case 'session.opened':
          return sessions.let('open');
        case 'session.cleared':
          return sessions.let('clear');
        case 'session.settled':
          claude.play(taskId, PLAYS.get(event.report.evidence) ?? 'answered');
          sessionId = await sessionOf(pool.wait(taskId, { timeoutMs: 10_000 }));
          return;
        case 'session.ended':
          return end(event.code);
        case 'slot.assign':
          taskId = await pool.submit('Say hi.', {
            slot: { id: 'slot-0' },
            ...(event.request.session === 'fresh' && { session: 'fresh' }),
          });
          return;
        case 'slot.interrupt':
          return void pool.cancel(taskId);
        case 'slot.forget':
          await pool.submit('Go on.', { slot: { id: 'slot-1' }, session: { resume: sessionId } });
          return;
        case 'slot.configure':
          return void pool.configureSlot('slot-0', event.identity);
        case 'slot.share':
          return pool.contextSet('branch', 'main');
        case 'slot.drain':
          return void pool.drain();
        case 'message.received':
          return void pool.sendMessage('you', 'slot-0', event.message.text);
        case 'messages.read':
          return void pool.readMessages('slot-0');
        default:
          return pass(input.policy.restartBackoffMs * 2);
      }
    },
    /** Else it would be tried again. */
    forgetTask(): void {
      void pool.cancel(taskId);
    },
    shown() {
      const slot = pool.status().slots.find(({ id }) => id === 'slot-0');
      if (slot === undefined) return { state: 'stopped' };
      const { state, name, activeTasks, messages, restarts } = slot;
      return { state, name, activeTasks, messages, restarts };
    },
    async [Symbol.asyncDispose]() {
      sessions.dismiss();
      await stageOfSlot[Symbol.asyncDispose]();
    },
  };
}

/** Only `slot-0` is Claude's. */
function beside(claude: ClaudeDriver): ClaudeDriver {
  const other = instantDriver();
  return {
    open: (launch, options) => (launch.slotId === 'slot-0' ? claude : other).open(launch, options),
  };
}

/** The conversation in which a task was answered, if it was. */
function sessionOf(answer: Promise<TaskResult>): Promise<string> {
  return answer.then(
    (result) => result.sessionId ?? '',
    () => '',
  );
}

function hasTask({ context }: SlotSnapshot): boolean {
  return context.request !== undefined;
}

function soon<Value>(promise: Promise<Value>): Promise<Value> {
  return abortable(promise, AbortSignal.timeout(10_000));
}

function seen(assertion: () => void): Promise<void> {
  return vi.waitFor(assertion, { timeout: 10_000, interval: 2 });
}

function shownOf(slot: SlotSnapshot) {
  const { value, context } = slot;
  if (value === 'stopped') return { state: 'stopped' };
  return {
    state: typeof value === 'string' ? value : 'recycling',
    name: context.identity.name,
    activeTasks: hasTask(slot) ? 1 : 0,
    messages: context.inbox.length,
    restarts: context.restarts.length,
  };
}

function deedOf(slot: SlotSnapshot): Deed | undefined {
  if (slot.matches('starting') || slot.matches({ recycling: 'opening' })) return 'open';
  if (slot.matches({ recycling: 'clearing' })) return isAlive(slot) ? 'clear' : 'end';
  return slot.matches({ recycling: 'closing' }) ? 'end' : undefined;
}

/** A process that crashed tells no size. */
function isAlive({ context: { processTurns, residentBytes } }: SlotSnapshot): boolean {
  return processTurns === 0 || residentBytes > 0;
}

/** What a pool and a real process could do in that state. Turns and restarts are bounded, or the paths would have no end. */
function eventsFor(slot: SlotSnapshot): readonly (SlotEvent | typeof BACKOFF_OVER)[] {
  const { request, processTurns, restarts, identity, shared, inbox, launch } = slot.context;
  const drain = request === undefined ? [{ type: 'slot.drain', at: 1 } as const] : [];
  const interrupt = request === undefined ? [] : [{ type: 'slot.interrupt', ...request, at: 1 } as const];
  const isReplaced = launch.appendSystemPrompt !== undefined;
  const isNew = processTurns === 0 && restarts.length === 0 && !isReplaced;
  const isUsed = processTurns > 1 || restarts.length > 0 || isReplaced;
  if (slot.matches('starting') || slot.matches({ recycling: 'opening' }))
    return [OPENED, ended('TIMEOUT'), ended('CLAUDE_NOT_FOUND'), ...interrupt, ...drain];
  if (slot.matches('busy'))
    return [...interrupt, ...[ANSWERED, OUT_OF_TURNS, CRASHED].map((evidence) => settled(evidence))];
  if (slot.matches({ recycling: 'clearing' })) {
    if (!isAlive(slot)) return [ended()];
    return [{ type: 'session.cleared', at: 1 }, ended('KILLED'), ...interrupt, ...drain];
  }
  if (slot.matches({ recycling: 'closing' })) return [ended(), ...interrupt, ...drain];
  if (slot.matches('draining')) return [ended()];
  if (slot.matches('recovering')) return [BACKOFF_OVER, ...drain];
  if (!slot.matches('idle')) return drain;
  if (inbox.length > 0 || (isNew && shared['branch'] !== undefined)) return [READ];
  return [
    ended('KILLED'),
    ...drain,
    ...(isNew ? [SHARE, POST] : []),
    ...(processTurns === 1 && identity.name === undefined ? [RENAME] : []),
    ...(isUsed ? [] : [assign({}), assign({ session: 'fresh' })]),
    ...(slot.context.sessionId === undefined ? [] : [FORGET]),
  ];
}

function assign(change: Partial<SlotRequest>): SlotEvent {
  const request = { taskId: 'task-a', generation: 0, prompt: 'Say hi.', ...change };
  return { type: 'slot.assign', request, at: 1 };
}

function settled(evidence: Evidence): SlotEvent {
  const report: AttemptReport = { ...reportOf(evidence), residentBytes: evidence === CRASHED ? 0 : 1 };
  return { type: 'session.settled', report, at: 2, chance: 0.5 };
}

function ended(code?: string): SlotEvent {
  return { type: 'session.ended', at: 2, chance: 0.5, message: 'Gone.', ...(code !== undefined && { code }) };
}
