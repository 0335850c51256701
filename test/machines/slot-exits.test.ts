import { expect, test } from 'vitest';
import type { SlotEvent } from '../../machines/slot-types.ts';
import { ANSWERED, OUT_OF_TURNS } from './attempt.ts';
import { assign, changes, ended, opened, scripted, settled } from './slot-stage.ts';

const DRAIN: SlotEvent = { type: 'slot.drain', at: 6 };
const CLEARED: SlotEvent = { type: 'session.cleared', at: 5 };

test('a slot knows the process that it has opened', () => {
  const { send, context } = scripted();

  send(opened);

  expect(context()).toMatchObject({ version: '2.1.330', pid: 7 });
});

test.each([
  { moment: 'starting', before: [] },
  { moment: 'idle', before: [opened] },
  { moment: 'clearing', before: [opened, assign(), settled(OUT_OF_TURNS)] },
  { moment: 'closing', before: [opened, ...changes, assign()] },
  { moment: 'opening', before: [opened, ...changes, assign(), ended()] },
])(
  'a slot that drains while it is $moment closes its session, and stops when that has ended',
  ({ before }) => {
    const { send, told, commands, value, hasSession } = scripted();
    send(...before);

    send(DRAIN);
    const draining = value();
    send({ ...ended(), at: 7 });

    expect([draining, value(), hasSession()]).toEqual(['draining', 'stopped', false]);
    expect(commands.at(-1)).toEqual({ type: 'session.close' });
    expect(told().slice(-2)).toMatchObject([
      { type: 'slot.lost', at: 7 },
      { type: 'xstate.done.actor.slot', output: { slotId: 'slot-0' } },
    ]);
  },
);

test.each([
  { moment: 'recovering', code: undefined },
  { moment: 'failed', code: 'CLAUDE_NOT_FOUND' },
])('a slot that drains while it is $moment stops at once: it has no session', ({ moment, code }) => {
  const { send, told, commands, value, hasSession } = scripted();
  send({ ...ended(), ...(code !== undefined && { code }) });
  const before = [value(), hasSession()];

  send(DRAIN);

  expect([before, value(), commands]).toEqual([[moment, false], 'stopped', []]);
  expect(told().at(-1)).toMatchObject({ type: 'xstate.done.actor.slot' });
});

test.each([
  { moment: 'recovering', code: undefined, says: ['slot.lost'] },
  { moment: 'failed', code: 'CLAUDE_NOT_FOUND', says: ['slot.lost', 'slot.failed'] },
])('a slot that is $moment counts the end of its session once', ({ moment, code, says }) => {
  const { send, told, value, context } = scripted();
  const end = { ...ended(), ...(code !== undefined && { code }) };

  send(end);
  const { restarts } = context();
  send(end);

  expect([value(), told().map(({ type }) => type), context().restarts]).toEqual([moment, says, restarts]);
});

test('a slot that forgets its conversation is ready when it is cleared', () => {
  const { send, told, commands, value, context } = scripted();
  send(opened, assign(), settled(ANSWERED, { contextTokens: 9 }));

  send({ type: 'slot.forget', at: 4 });
  const before = value();
  send(CLEARED);

  expect([before, value()]).toEqual([{ recycling: 'clearing' }, 'idle']);
  expect(commands.at(-1)).toEqual({ type: 'session.clear' });
  expect(told().at(-1)).toEqual({ type: 'slot.ready', slotId: 'slot-0', at: 5 });
  expect(context()).toMatchObject({ conversationTurns: 0, conversationTokens: 0, sessionId: undefined });
});

test('a replaced process begins to count anew, and holds the one session of its slot', () => {
  const { send, context, hasSession, launches } = scripted();
  send(opened, assign(), settled(ANSWERED, { residentBytes: 500 }), ...changes, assign());

  send(ended());
  const between = hasSession();
  send({ type: 'session.opened', at: 5, version: '2.1.331', pid: 8 });

  expect([between, launches.length]).toEqual([true, 2]);
  expect(context()).toMatchObject({ version: '2.1.331', pid: 8, processTurns: 0, residentBytes: 0 });
});

test.each([{ evidence: ANSWERED }, { evidence: OUT_OF_TURNS }])(
  "a request that was answered is no longer the slot's, whatever the answer",
  ({ evidence }) => {
    const { send, context } = scripted();

    send(opened, assign(), settled(evidence));

    expect(context()).toMatchObject({ request: undefined, processTurns: 1, conversationTurns: 1 });
  },
);

test('a request whose process is replaced is interrupted only by its own name', () => {
  const { send, told, context } = scripted();
  send(opened, ...changes, assign({ generation: 1 }));

  send({ type: 'slot.interrupt', taskId: 'task-a', generation: 0, at: 3 });
  const kept = context().request?.generation;
  send({ type: 'slot.interrupt', taskId: 'task-a', generation: 1, at: 4 });

  expect([kept, context().request]).toEqual([1, undefined]);
  expect(told().at(-1)).toMatchObject({ type: 'slot.settled', generation: 1, at: 4 });
});

test.each([
  { restartable: true, code: undefined },
  { restartable: false, code: 'CLAUDE_NOT_FOUND' },
])('a prompt whose process never opened goes back with what stood in its way ($restartable)', ({ code }) => {
  const { send, told, context } = scripted();
  const end = { ...ended(), ...(code !== undefined && { code }) };

  send(opened, ...changes, assign(), ended(), end);

  expect(context().request).toBeUndefined();
  expect(told().filter(({ type }) => type === 'slot.settled')).toMatchObject([
    { taskId: 'task-a', ready: false, report: { evidence: { openError: { code: code ?? 'CRASHED' } } } },
  ]);
});

test('a slot that is new to its process is idle at once, and knows it, when nobody waits for it any more', () => {
  const { send, told, commands, value, context } = scripted();
  const interrupt: SlotEvent = { type: 'slot.interrupt', taskId: 'task-a', generation: 0, at: 4 };
  send(opened, ...changes, assign(), ended(), interrupt);

  send({ type: 'session.opened', at: 5, version: '2.1.331', pid: 8 });

  expect([value(), context().pid, commands]).toEqual(['idle', 8, [{ type: 'session.close' }]]);
  expect(told().at(-1)).toEqual({ type: 'slot.ready', slotId: 'slot-0', at: 5 });
});

test('a process that goes on with a conversation for nobody is known, and cleared', () => {
  const { send, context, value } = scripted();
  const interrupt: SlotEvent = { type: 'slot.interrupt', taskId: 'task-a', generation: 0, at: 4 };
  send(opened, assign(), settled(), ...changes, assign(), ended(), interrupt);

  send({ type: 'session.opened', at: 5, version: '2.1.331', pid: 8 });

  expect([value(), context().pid]).toEqual([{ recycling: 'clearing' }, 8]);
});

test('a conversation that was cleared for a task has no turns', () => {
  const { send, context, value } = scripted();
  send(opened, assign(), settled(ANSWERED, { contextTokens: 9 }));

  send(assign({ session: 'fresh' }), CLEARED);

  expect(value()).toBe('busy');
  expect(context()).toMatchObject({ conversationTurns: 0, conversationTokens: 0, sessionId: undefined });
});

test('a slot passes on that its turn is being answered', () => {
  const { send, told, value } = scripted();
  send(opened, assign());

  send({ type: 'session.answered', at: 3 });

  expect([value(), told().at(-1)]).toEqual(['busy', { type: 'slot.answered', slotId: 'slot-0', at: 3 }]);
});

test('a session whose process was replaced is stopped', () => {
  const { send, stops } = scripted();

  send(opened, ...changes, assign(), ended());

  expect(stops()).toBe(1);
});
