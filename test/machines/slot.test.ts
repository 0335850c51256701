import { fromCallback } from 'xstate';
import { expect, test } from 'vitest';
import type { SessionCommand, SessionFact, SessionInput, SlotRequest } from '../../machines/port.ts';
import { slotMachine } from '../../machines/slot.ts';
import type { SlotContext, SlotEvent, SlotInput } from '../../machines/slot-types.ts';
import type { Evidence, SessionLaunch } from '../../machines/types.ts';
import { ANSWERED, CRASHED, OUT_OF_TURNS, reportOf } from './attempt.ts';
import { coverageOf, pathsOf, silent, stage } from './transitions.ts';

const input: SlotInput = {
  id: 'slot-0',
  settings: {},
  identity: { name: 'Ada' },
  shared: {},
  policy: {
    session: 'resume',
    maxRestarts: 1,
    restartWindowMs: 600_000,
    restartBackoffMs: 1_000,
    maxProcessTurns: 2,
  },
};
const request: SlotRequest = { taskId: 'task-a', generation: 0, prompt: 'Say hi.' };
const opened: SlotEvent = { type: 'session.opened', at: 1, version: '2.1.330', pid: 7 };
const changes: readonly SlotEvent[] = [
  { type: 'slot.configure', identity: { name: 'Bob' }, at: 1 },
  { type: 'slot.share', shared: { branch: 'main' }, at: 1 },
];
const BACKOFF_OVER = { type: 'xstate.after.restartBackoff.slot.recovering' } as const;

const quiet = slotMachine.provide({ actors: { session: silent } });
const walks = pathsOf(quiet, {
  input,
  events: (snapshot) =>
    snapshot.matches('recovering')
      ? [...eventsFor(snapshot.context), BACKOFF_OVER as never]
      : eventsFor(snapshot.context),
});

test('every transition of a slot lies on a generated path', () => {
  const { inspect, missing } = coverageOf(quiet);

  for (const path of walks) {
    const { actor } = stage(quiet, { input, inspect });
    for (const event of path) actor.send(event);
  }

  expect(missing()).toEqual([]);
});

test('a slot answers every request that it was given, once', () => {
  for (const path of walks) {
    const { actor, told } = stage(quiet, { input });
    for (const event of path) actor.send(event);
    const given = path.filter(({ type }) => type === 'slot.assign').length;

    const answers = told().filter(({ type }) => type === 'slot.settled').length;

    expect({ path, open: given - answers }).toEqual({ path, open: hasRequest(actor.getSnapshot().context) });
  }
});

test('a slot that has failed says so once, and one that has stopped is done', () => {
  for (const path of walks) {
    const { actor, told } = stage(quiet, { input });
    for (const event of path) actor.send(event);
    const said = (wanted: string) => told().filter(({ type }) => type === wanted).length;

    const { value } = actor.getSnapshot();

    expect(said('xstate.done.actor.slot')).toBe(value === 'stopped' ? 1 : 0);
    expect(value === 'failed' ? said('slot.failed') : 1).toBe(1);
  }
});

test('a slot opens its session, runs a turn and is idle again', () => {
  const { send, told, commands, launches, value } = scripted();

  send(opened, assign());
  send(settled());

  expect(launches).toEqual([{ slotId: 'slot-0', appendSystemPrompt: 'You are Ada.' }]);
  expect(commands).toEqual([{ type: 'session.run', turn: request }]);
  expect(value()).toBe('idle');
  expect(told()).toMatchObject([
    { type: 'slot.ready', slotId: 'slot-0' },
    { type: 'slot.settled', taskId: 'task-a', ready: true, verdict: { name: 'succeeded' } },
  ]);
});

test('a conversation is cleared after an attempt that went wrong, before the slot is ready', () => {
  const { send, told, commands, value } = scripted();
  send(opened, assign());

  send(settled(OUT_OF_TURNS));
  const before = value();
  send({ type: 'session.cleared', at: 5 });

  expect([before, value()]).toEqual([{ recycling: 'clearing' }, 'idle']);
  expect(commands.at(-1)).toEqual({ type: 'session.clear' });
  expect(told().slice(1)).toMatchObject([
    { type: 'slot.settled', ready: false },
    { type: 'slot.ready', at: 5 },
  ]);
});

test('a task that wants a fresh session gets a cleared one, but not in place of a new one', () => {
  const { send, commands } = scripted();
  send(opened, assign({ session: 'fresh' }), settled());

  send(assign({ session: 'fresh' }), { type: 'session.cleared', at: 5 });

  expect(commands.map(({ type }) => type)).toEqual(['session.run', 'session.clear', 'session.run']);
});

test('a process that has run its turns is replaced before the next', () => {
  const { send, commands, launches, value } = scripted();
  send(opened, assign(), settled(), assign(), settled());

  send(assign());
  send(ended(), opened);

  expect(commands.map(({ type }) => type)).toEqual([
    'session.run',
    'session.run',
    'session.close',
    'session.run',
  ]);
  expect([launches.length, value()]).toEqual([2, 'busy']);
});

test('a new identity takes a new process', () => {
  const { send, launches } = scripted();
  send(opened);

  send({ type: 'slot.configure', identity: { name: 'Bob' }, at: 1 }, assign(), ended(), opened);

  expect(launches.map(({ appendSystemPrompt }) => appendSystemPrompt)).toEqual([
    'You are Ada.',
    'You are Bob.',
  ]);
});

test('shared context takes a new process', () => {
  const { send, launches } = scripted();
  send(opened);

  send({ type: 'slot.share', shared: { branch: 'main' }, at: 1 }, assign(), ended(), opened);

  expect(launches.at(-1)?.appendSystemPrompt).toBe('You are Ada.\n\n# Shared context\n- branch: main');
});

test('an interrupt for an old attempt does not reach the new one', () => {
  const { send, commands } = scripted();
  send(opened, assign({ generation: 1 }));

  send({ type: 'slot.interrupt', taskId: 'task-a', generation: 0, at: 1 });
  const before = commands.map(({ type }) => type);
  send({ type: 'slot.interrupt', taskId: 'task-a', generation: 1, at: 1 });

  expect(before).toEqual(['session.run']);
  expect(commands.at(-1)).toEqual({ type: 'session.interrupt' });
});

test('a request that is interrupted before it is sent is never sent', () => {
  const { send, told, commands, value } = scripted();
  send(opened, assign(), settled(), assign({ session: 'fresh' }));

  send(
    { type: 'slot.interrupt', taskId: 'task-a', generation: 0, at: 3 },
    { type: 'session.cleared', at: 4 },
  );

  expect(value()).toBe('idle');
  expect(commands.filter(({ type }) => type === 'session.run')).toHaveLength(1);
  expect(told().at(-2)).toMatchObject({ type: 'slot.settled', verdict: { name: 'cancelled' }, ready: false });
});

test('a slot that is not idle gives a request back', () => {
  const { send, told } = scripted();

  send(assign());

  expect(told()).toMatchObject([
    { type: 'slot.settled', taskId: 'task-a', ready: false, verdict: { name: 'crashed', counts: false } },
  ]);
});

test('a slot whose process died recovers after its backoff', () => {
  const { send, told, value, clock, launches } = scripted();
  send(opened, ended());
  const before = value();

  clock.increment(999);
  const early = launches.length;
  clock.increment(1);
  send(opened);

  expect([before, early, launches.length, value()]).toEqual(['recovering', 1, 2, 'idle']);
  expect(told().map(({ type }) => type)).toEqual(['slot.ready', 'slot.lost', 'slot.ready']);
});

test('a slot that crashes too often in its window fails, and tells why', () => {
  const { send, told, value, clock } = scripted();
  send(opened, ended());
  clock.increment(1_000);

  send({ ...ended(), at: 599_999 });

  expect(value()).toBe('failed');
  expect(told().at(-1)).toEqual({
    type: 'slot.failed',
    slotId: 'slot-0',
    failure: { code: 'CRASHED', message: 'Killed.' },
    at: 599_999,
  });
});

test('a crash that left the window is forgiven', () => {
  const { send, value, clock } = scripted();
  send(opened, ended());
  clock.increment(1_000);

  send({ ...ended(), at: 600_002 });

  expect(value()).toBe('recovering');
});

test.each(['CLAUDE_NOT_FOUND', 'CLAUDE_AUTH', 'CLAUDE_PROTOCOL'])(
  'a slot that meets %s does not start again',
  (code) => {
    const { send, value } = scripted();

    send({ ...ended(), code });

    expect(value()).toBe('failed');
  },
);

test('a process that dies in its turn is told of once', () => {
  const { send, told, value } = scripted();
  send(opened, assign());

  send(settled(CRASHED), ended());

  expect(value()).toBe('recovering');
  expect(told().map(({ type }) => type)).toEqual(['slot.ready', 'slot.settled', 'slot.lost']);
});

test('a slot that drains closes its session and stops when it is closed', () => {
  const { send, told, commands, value } = scripted();
  send(opened, { type: 'slot.drain', at: 6 });
  const before = value();

  send(ended());

  expect([before, value()]).toEqual(['draining', 'stopped']);
  expect(commands).toEqual([{ type: 'session.close' }]);
  expect(told().at(-1)).toMatchObject({ type: 'xstate.done.actor.slot', output: { slotId: 'slot-0' } });
});

function assign(change: Partial<SlotRequest> = {}): SlotEvent {
  return { type: 'slot.assign', request: { ...request, ...change }, at: 1 };
}

function settled(evidence: Evidence = ANSWERED): SlotEvent {
  return { type: 'session.settled', report: reportOf(evidence, 1), at: 2, chance: 0.5 };
}

function ended(): Extract<SessionFact, { type: 'session.ended' }> {
  return { type: 'session.ended', at: 2, chance: 0.5, message: 'Killed.' };
}

/** Turns and restarts are bounded, or the paths would be without end. A slot that holds a request is not drained. */
function eventsFor({
  processTurns,
  restarts,
  request: held,
  identity,
  shared,
}: SlotContext): readonly SlotEvent[] {
  const always: readonly SlotEvent[] = [
    { type: 'slot.interrupt', taskId: 'task-a', generation: 0, at: 1 },
    { type: 'slot.interrupt', taskId: 'task-a', generation: 9, at: 1 },
    { type: 'session.cleared', at: 1 },
    opened,
    ended(),
    { ...ended(), code: 'CLAUDE_AUTH' },
    ...(held === undefined ? [{ type: 'slot.drain', at: 1 } as const] : []),
  ];
  if (processTurns > 1 || restarts.length > 1) return always;
  const isPlain = identity.name === 'Ada' && shared['branch'] === undefined;
  return [
    ...always,
    ...(isPlain ? changes : []),
    assign(),
    assign({ session: 'fresh' }),
    settled(),
    settled(OUT_OF_TURNS),
  ];
}

function hasRequest(context: SlotContext): number {
  return context.request === undefined ? 0 : 1;
}

/** A slot over a session that notes what it was opened with and told. */
function scripted() {
  const commands: SessionCommand[] = [];
  const launches: SessionLaunch[] = [];
  const session = fromCallback<SessionCommand, SessionInput>(({ input: { launch }, receive }) => {
    launches.push(launch);
    receive((command) => {
      commands.push(command);
    });
  });
  const { actor, told, clock } = stage(slotMachine.provide({ actors: { session } }), { input });
  const send = (...events: readonly SlotEvent[]): void => {
    for (const event of events) actor.send(event);
  };
  return { send, told, clock, commands, launches, value: () => actor.getSnapshot().value };
}
