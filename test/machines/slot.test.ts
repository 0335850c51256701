import { expect, test } from 'vitest';
import type { SessionCommand } from '../../machines/port.ts';
import type { SlotEvent } from '../../machines/slot-types.ts';
import { ANSWERED, CRASHED, OUT_OF_TURNS } from './attempt.ts';
import { assign, changes, ended, note, opened, request, scripted, settled } from './slot-stage.ts';

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

test.each(['closing', 'opening'])(
  'a slot whose request is interrupted while its process is %s keeps no conversation that the pool does not know of',
  (moment) => {
    const { send, commands, launches, value } = scripted();
    const interrupt: SlotEvent = { type: 'slot.interrupt', taskId: 'task-a', generation: 0, at: 4 };
    send(opened, assign(), settled(), ...changes, assign());

    send(...(moment === 'closing' ? [interrupt, ended()] : [ended(), interrupt]), opened);
    const before = value();
    send({ type: 'session.cleared', at: 5 });

    expect([before, value()]).toEqual([{ recycling: 'clearing' }, 'idle']);
    expect(launches.at(-1)).toMatchObject({ resume: { sessionId: 'session-a' } });
    expect(commands.map(({ type }) => type)).toEqual(['session.run', 'session.close', 'session.clear']);
  },
);

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

test('messages stand before the next prompt, and stay until a task has answered with them', () => {
  const { send, commands, inbox } = scripted();
  send(opened, { type: 'message.received', message: note('1'), at: 1 }, assign());
  send({ type: 'message.received', message: note('2'), at: 1 }, settled(CRASHED));
  const afterFailure = inbox();

  send({ type: 'session.cleared', at: 2 }, assign(), settled());

  expect(afterFailure).toEqual(['1', '2']);
  expect(inbox()).toEqual([]);
  expect(prompts(commands)).toEqual([
    '# Messages for you\n\nFrom you:\nNote 1.\n\n---\n\nSay hi.',
    '# Messages for you\n\nFrom you:\nNote 1.\n\nFrom you:\nNote 2.\n\n---\n\nSay hi.',
  ]);
});

test('a message that has been read is not delivered', () => {
  const { send, commands } = scripted();
  send(opened, { type: 'message.received', message: note('1'), at: 1 });

  send({ type: 'messages.read', ids: ['1'], at: 2 }, assign());

  expect(prompts(commands)).toEqual(['Say hi.']);
});

test('a process that is replaced leaves its conversation to the next one', () => {
  const { send, launches } = scripted();
  send(opened, assign(), settled());

  send({ type: 'slot.share', shared: { branch: 'main' }, at: 3 }, assign(), ended(), opened);

  expect(launches.map(({ resume }) => resume)).toEqual([undefined, { sessionId: 'session-a', fork: false }]);
});

test.each([
  { session: 'fresh', policy: {}, reason: 'wants a new one' },
  {
    session: 'resume',
    policy: { maxSessionTasks: 1 },
    reason: 'would be the one task too many of the old one',
  },
] as const)('a task that $reason gets no old conversation from a replaced process', ({ session, policy }) => {
  const { send, launches } = scripted(policy);
  send(opened, assign(), settled());

  send({ type: 'slot.share', shared: { branch: 'main' }, at: 3 }, assign({ session }), ended(), opened);

  expect(launches.map(({ resume }) => resume)).toEqual([undefined, undefined]);
});

test.each([
  { policy: { maxSessionTasks: 1 }, limit: 'tasks' },
  { policy: { maxSessionTokens: 99 }, limit: 'tokens' },
])('a conversation that has had its $limit is cleared before the next task', ({ policy }) => {
  const { send, commands } = scripted(policy);
  send(opened, assign(), settled(ANSWERED, { contextTokens: 100 }));

  send(assign(), { type: 'session.cleared', at: 5 });

  expect(commands.map(({ type }) => type)).toEqual(['session.run', 'session.clear', 'session.run']);
});

test('a process that has grown too large is replaced', () => {
  const { send, launches } = scripted({ maxResidentBytes: 1_000 });
  send(opened, assign(), settled(ANSWERED, { residentBytes: 1_001 }));

  send(assign(), ended(), opened);

  expect(launches).toHaveLength(2);
});

test('a conversation that is live in the slot is continued where it is', () => {
  const { send, commands, launches } = scripted();
  send(opened, assign({ session: 'fresh' }), settled());

  send(assign({ session: { resume: 'session-a' } }));

  expect(launches).toHaveLength(1);
  expect(commands.map(({ type }) => type)).toEqual(['session.run', 'session.run']);
});

test.each([{ resume: 'session-b' }, { fork: 'session-a' }])(
  'the conversation %j takes a process of its own, and the next task needs no other',
  (session) => {
    const { send, launches, commands } = scripted();
    send(opened, assign(), settled());

    send(assign({ session }), ended(), opened, settled(), assign());

    expect(launches.map(({ resume }) => resume)).toEqual([
      undefined,
      { sessionId: Object.values(session)[0], fork: 'fork' in session },
    ]);
    expect(commands.at(-1)?.type).toBe('session.run');
  },
);

test('B5: a session that failed is not resumed by any later task', () => {
  const { send, launches, commands } = scripted();
  send(opened, assign({ session: { resume: 'gone' } }), ended(), opened);
  send(settled(OUT_OF_TURNS), { type: 'session.cleared', at: 5 });

  send(assign(), settled());

  expect(launches.map(({ resume }) => resume)).toEqual([undefined, { sessionId: 'gone', fork: false }]);
  expect(commands.map(({ type }) => type)).toEqual([
    'session.close',
    'session.run',
    'session.clear',
    'session.run',
  ]);
});

test('B6: a task in another folder leaves no session to the tasks after it', () => {
  const { send, launches } = scripted();
  send(opened, assign({ settings: { cwd: '/elsewhere' } }), ended(), opened, settled());

  send(assign(), ended(), opened);

  expect(launches.map(({ cwd, resume }) => ({ cwd, resume }))).toEqual([
    { cwd: undefined, resume: undefined },
    { cwd: '/elsewhere', resume: undefined },
    { cwd: undefined, resume: undefined },
  ]);
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

function prompts(commands: readonly SessionCommand[]): readonly string[] {
  return commands.flatMap((command) => (command.type === 'session.run' ? [command.turn.prompt] : []));
}
