import { fromTransition } from 'xstate';
import { expect, test } from 'vitest';
import { entryOf } from '../../machines/task-entry.ts';
import { stage } from '../../src/testing/model/stage.ts';
import { ANSWERED, RATE_LIMITED } from './attempt.ts';
import {
  cancelChain,
  chain,
  endOf,
  FAILURE,
  LATER,
  limited,
  mate,
  message,
  NOTHING_LEFT,
  one,
  other,
  quietPool,
  settled,
  small,
  submitChain,
  wide,
} from './quiet-pool.ts';

const GONE = { type: 'session.ended', at: 0, chance: 0.5, message: 'Closed.' } as const;

test.each([
  { event: { type: 'task.submit', input: one, at: 0 }, heard: { type: 'directory.admit', input: one } },
  { event: submitChain, heard: { type: 'directory.admitChain', input: chain } },
  { event: cancelChain, heard: { type: 'directory.tellChain', chainId: 'chain-1', event: cancelChain } },
] as const)('a pool that starts passes $event.type on to its directory', ({ event, heard }) => {
  const { actor, told } = stage(quietPool, { input: small });

  actor.send(event);

  expect(endOf(actor, told()).below['directory']).toEqual({ context: [heard] });
});

test('a task that is recalled is not woken: the one alarm is set anew, and cleared with the last', () => {
  const { actor, told } = stage(quietPool, { input: small });
  const sleepers = [-50, -70].map((priority, seq) => ({ id: `task-${seq}`, priority, seq }));

  for (const entry of sleepers) actor.send({ type: 'task.deferred', entry, at: 0 });
  for (const entry of sleepers) actor.send({ type: 'task.recalled', entry, at: 0 });

  expect(endOf(actor, told()).below['alarm']).toEqual({
    context: [{ type: 'alarm.set', at: 50 }, { type: 'alarm.set', at: 70 }, { type: 'alarm.clear' }],
  });
});

test('a slot that is held when the pool is parked is released all the same', () => {
  const { actor } = stage(quietPool, { input: wide });
  const seats = () => actor.getSnapshot().context.floor.seats.map(({ state }) => state);
  for (const slotId of ['slot-0', 'slot-1']) actor.send({ type: 'slot.ready', slotId, at: 0 });
  for (const task of [mate, other]) {
    actor.send({ type: 'task.submit', input: task, at: 0 });
    actor.send({ type: 'task.queued', entry: entryOf(task), at: 0 });
  }
  actor.send(settled('slot-0', 'c', { evidence: ANSWERED, spend: 0 }));
  actor.send(settled('slot-1', 'b', { evidence: RATE_LIMITED, spend: 0 }));
  const held = [actor.getSnapshot().matches({ open: { limit: 'parked' } }), seats()[0]];

  actor.send({ type: 'slot.released', slotId: 'slot-0', at: 0 });

  expect([held, seats()[0]]).toEqual([[true, 'held'], 'idle']);
});

test('a pool shares its context with the slots that it has, and takes a key away again', () => {
  const { actor } = stage(quietPool, { input: small });
  const shared = () => {
    const { context, children } = actor.getSnapshot();
    return [context.shared, children['slot-0']?.getSnapshot().context.shared];
  };

  actor.send({ type: 'context.set', key: 'branch', value: 'main', at: 0 });
  const given = shared();
  actor.send({ type: 'context.set', key: 'branch', at: 0 });

  expect([given, shared()]).toEqual([
    [{ branch: 'main' }, { branch: 'main' }],
    [{}, {}],
  ]);
});

test('a slot that starts is given its name at once', () => {
  const { actor } = stage(quietPool, { input: small });

  actor.send({ type: 'slot.configure', slotId: 'slot-0', identity: { name: 'Ada' }, at: 0 });

  const { context, children } = actor.getSnapshot();
  expect([context.floor.seats[0]?.identity, children['slot-0']?.getSnapshot().context.identity]).toEqual([
    { name: 'Ada' },
    { name: 'Ada' },
  ]);
});

test('a message reaches its slot, and is gone once it is read', () => {
  const { actor } = stage(quietPool, { input: small });
  const inbox = () => actor.getSnapshot().children['slot-0']?.getSnapshot().context.inbox;

  actor.send({ type: 'message.send', message, at: 0 });
  const sent = inbox();
  actor.send({ type: 'messages.read', slotId: 'slot-0', ids: ['message-1'], at: 0 });

  expect([sent, inbox()]).toEqual([[message], []]);
});

test('mail of an earlier pool is for the slot that had it, and not for one that gets its id later', () => {
  const known = { slotId: 'slot-0', identity: {}, tasks: 0, spent: 0, inbox: [message] };
  const { actor } = stage(quietPool, { input: { ...small, restored: { ...NOTHING_LEFT, slots: [known] } } });
  const inbox = () => actor.getSnapshot().children['slot-0']?.getSnapshot().context.inbox;
  const before = inbox();

  actor.send({ type: 'pool.scale', slots: 0, at: 0 });
  actor.getSnapshot().children['slot-0']?.send(GONE);
  actor.send({ type: 'pool.scale', slots: 1, at: 0 });

  expect([before, inbox()]).toEqual([[message], []]);
});

test('a slot that is lost while the pool is parked is away', () => {
  const { actor } = stage(quietPool, { input: limited });
  const seat = () => actor.getSnapshot().context.floor.seats[0]?.state;

  actor.send({ type: 'slot.ready', slotId: 'slot-0', at: 0 });
  const before = [actor.getSnapshot().matches({ open: { limit: 'parked' } }), seat()];
  actor.send({ type: 'slot.lost', slotId: 'slot-0', at: 0 });

  expect([before, seat()]).toEqual([[true, 'idle'], 'away']);
});

test('a probe that is answered is none any more, although the pool drains', () => {
  const { actor } = stage(quietPool, { input: limited });
  const isProbe = () => actor.getSnapshot().context.floor.seats[0]?.isProbe;
  actor.send({ type: 'slot.ready', slotId: 'slot-0', at: 0 });
  actor.send({ type: 'task.submit', input: one, at: 0 });
  actor.send({ type: 'task.queued', entry: entryOf(one), at: 0 });
  actor.send({ type: 'alarm.rang', at: LATER });

  actor.send({ type: 'pool.drain', at: LATER });
  const before = isProbe();
  actor.send({ type: 'slot.answered', slotId: 'slot-0', at: LATER });

  expect([before, isProbe()]).toEqual([true, undefined]);
});

test('a slot that has stopped is forgotten', () => {
  const { actor } = stage(quietPool, { input: wide });
  const slot = () => actor.getSnapshot().children['slot-0'];

  actor.send({ type: 'pool.scale', slots: 1, at: 0 });
  const before = slot()?.getSnapshot().value;
  slot()?.send(GONE);

  expect([before, slot()]).toEqual(['draining', undefined]);
});

test('a pool does not outlive a directory that has failed', () => {
  const broken = quietPool.provide({
    actors: { directory: fromTransition(fail, undefined) as never },
  });
  const { actor, told } = stage(broken, { input: small });
  actor.subscribe({ error: () => undefined });

  actor.send(submitChain);

  expect([actor.getSnapshot().status, told().map(({ type }) => type)]).toEqual([
    'error',
    ['xstate.error.actor.pool'],
  ]);
});

test('a pool that starts parked gives nothing to its first slot', () => {
  const { actor } = stage(quietPool, { input: limited });
  actor.send({ type: 'task.submit', input: one, at: 0 });
  actor.send({ type: 'task.queued', entry: entryOf(one), at: 0 });

  actor.send({ type: 'slot.ready', slotId: 'slot-0', at: 0 });

  expect(actor.getSnapshot().context.floor.seats[0]?.state).toBe('idle');
});

test('a pool starts as long as one of its slots may still open', () => {
  const { actor } = stage(quietPool, { input: wide });
  const values = ['slot-0', 'slot-1'].map((slotId) => {
    actor.send({ type: 'slot.failed', slotId, failure: FAILURE, at: 0 });
    return actor.getSnapshot().matches('starting');
  });

  expect(values).toEqual([true, false]);
});

function fail(): never {
  throw new Error('The directory has failed.');
}
