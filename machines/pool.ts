import { assign, enqueueActions, setup } from 'xstate';
import { booked } from './books.ts';
import type { FloorEvent } from './books.ts';
import { isExhausted } from './budget.ts';
import * as closing from './closing.ts';
import { directory } from './directory.ts';
import { eventOf } from './event-of.ts';
import { andThen, seatOf } from './floor.ts';
import type { Step } from './floor.ts';
import { dismissAll } from './in-vain.ts';
import { holdBack, limitReason, nextLimit } from './limit.ts';
import { firstAlarm, openPool } from './open-pool.ts';
import { resumed } from './patience.ts';
import { alarm } from './port.ts';
import { autoscale } from './scaling.ts';
import { dispatch, probe } from './schedule.ts';
import { withoutSeat } from './seats.ts';
import { slotMachine } from './slot.ts';
import { timeOf } from './time-of.ts';
import type { SlotAnswered, SlotSettled } from './slot-types.ts';
import type { Message, SlotIdentity, Timestamp } from './types.ts';
import type { PoolInput, PoolContext, PoolEvent, PoolDrain, PoolOutput } from './pool-types.ts';

const SLOT_ID = /^slot-\d+$/;

const book = decide((context, event) => booked(context, event));
const bookAndDispatch = decide((context, event) =>
  andThen(
    andThen(booked(context, event), (floor) => dispatch(floor, event.at)),
    (floor) => autoscale(floor, event.at),
  ),
);
const bookAndProbe = decide((context, event) =>
  andThen(booked(context, event), (floor) => probe(floor, event.at)),
);
const bookAndDismiss = decide((context, event) =>
  andThen(booked(context, event), (floor) => closing.dismiss(floor, event.at)),
);
const turnAway = decide(({ floor }, event) => {
  if (event.type === 'task.submit') return closing.refuse(floor, event.input);
  return closing.turnAway(floor, 'entry' in event ? event.entry.id : '', event.at);
});

const closeDoors = [
  {
    type: 'perform',
    params: ({ context, event }: { context: PoolContext; event: PoolDrain }) =>
      closing.close(context.floor, event),
  },
  { type: 'setCurfew', params: eventOf<PoolDrain> },
] as const;

/**
 * A fleet of slots, the order of waiting tasks, and the ledger. Its ports are `alarm`, the `session` of its slots, and a
 * `directory` that says who hears of tasks.
 *
 * @example
 * const slot = slotMachine.provide({ actors: { session: sessionActor({ driver: claudeDriver() }) } });
 * const tasks = directory({ observe: ({ task }) => show(task) });
 * const pool = poolMachine.provide({ actors: { alarm: alarmActor(), directory: tasks, slot } });
 */
export const poolMachine = setup({
  types: {
    context: {} as PoolContext,
    events: {} as PoolEvent,
    input: {} as PoolInput,
    output: {} as PoolOutput,
    children: {} as { directory: 'directory'; alarm: 'alarm'; [slotId: `slot-${number}`]: 'slot' },
  },
  actors: { directory: directory(), alarm, slot: slotMachine },
  actions: {
    openHouse: enqueueActions(({ context, enqueue, self }) => {
      enqueue.spawnChild('directory', { id: 'directory', input: { pool: self } });
      enqueue.spawnChild('alarm', { id: 'alarm' });
      for (const order of firstAlarm(context.floor)) enqueue.sendTo(order.to, order.event);
      for (const seat of context.floor.seats)
        enqueue.spawnChild('slot', slotOf(context, { ...seat, inbox: context.mail[seat.slotId] ?? [] }));
    }),
    perform: enqueueActions(({ context, enqueue }, { floor, orders }: Step) => {
      enqueue.assign({ floor });
      for (const order of orders) {
        if (order.to === 'house') enqueue.spawnChild('slot', slotOf(context, order.event));
        else enqueue.sendTo(order.to === 'slot' ? order.slotId : order.to, order.event);
      }
    }),
    share: enqueueActions(({ context, enqueue }, { key, value, at }: ContextChange) => {
      const { [key]: _, ...others } = context.shared;
      const shared = value === undefined ? others : { ...context.shared, [key]: value };
      enqueue.assign({ shared });
      for (const { slotId } of context.floor.seats)
        enqueue.sendTo(slotId, { type: 'slot.share', shared, at });
    }),
    meetLimit: assign(({ context }, settled: SlotSettled) => ({ limit: nextLimit(context, settled) })),
    forgetLimit: assign({ limit: undefined }),
    forgetSlot: enqueueActions(({ enqueue }, { slotId }: { slotId: string }) => enqueue.stopChild(slotId)),
    setCurfew: assign((_, { until }: PoolDrain) => ({ closesAt: until })),
  },
  guards: {
    isLimited: ({ context }, settled: SlotSettled) => limitReason(context, settled) !== undefined,
    isProof: (_, { verdict }: SlotSettled) => verdict.ok,
    /** A broken circuit is proven whole by an end only. */
    isSign: ({ context: { floor, limit } }, { slotId }: SlotAnswered) =>
      limit?.reason !== 'breaker' && seatOf(floor, slotId)?.isProbe === true,
    isLifted: ({ context }, { at }: { at: Timestamp }) => at >= (context.limit?.until ?? 0),
    /** Also at the start, where an earlier pool was parked. */
    isHeldBack: ({ context }) => context.limit !== undefined,
    isCurfew: ({ context }, { at }: { at: Timestamp }) => at >= (context.closesAt ?? Infinity),
    isKeeping: (_, { pending }: PoolDrain) => pending === 'keep',
    isSooner: ({ context }, { until = Infinity }: PoolDrain) => until < (context.closesAt ?? Infinity),
    isExhausted: ({ context }) => isExhausted(context.floor.ledger),
    isHopeless: ({ context }, { slotId }: { slotId: string }) =>
      context.floor.seats.every((seat) => seat.slotId === slotId || seat.state === 'failed'),
    isEmpty: ({ context }) => context.floor.seats.length === 0,
    /** Who embeds a pool may put actors of their own below it. They end, and fail, for themselves. */
    isSlot: (_, { actorId }: { actorId: string }) => SLOT_ID.test(actorId),
    isGuest: (_, { actorId }: { actorId: string }) =>
      !SLOT_ID.test(actorId) && actorId !== 'directory' && actorId !== 'alarm',
  },
}).createMachine({
  id: 'pool',
  context: ({ input }) => openPool(input),
  output: ({ context }) => ({ spent: context.floor.ledger.spent }),
  initial: 'starting',
  entry: 'openHouse',
  on: {
    'pool.drain': [
      {
        guard: { type: 'isKeeping', params: eventOf },
        target: '.draining.keeping',
        actions: closeDoors,
      },
      { target: '.draining', actions: closeDoors },
    ],
    'task.tell': { actions: book },
    'chain.submit': { actions: book },
    'chain.cancel': { actions: book },
    'task.withdrawn': { actions: book },
    'task.deferred': { actions: book },
    'task.recalled': { actions: book },
    'attempt.cancelled': { actions: book },
    'review.opened': { actions: book },
    'review.closed': { actions: book },
    'slot.released': { actions: book },
    'slot.answered': { actions: book },
    'slot.configure': { actions: book },
    'context.set': { actions: { type: 'share', params: eventOf } },
    'message.send': { actions: book },
    'messages.read': { actions: book },
    'pool.scale': { actions: book },
    'slot.lost': { actions: book },
    'slot.failed': { actions: book },
    'alarm.rang': { actions: book },
    'xstate.done.actor.*': {
      guard: { type: 'isSlot', params: eventOf },
      actions: [
        {
          type: 'perform',
          params: ({ context, event }) => withoutSeat(context.floor, event.output.slotId),
        },
        { type: 'forgetSlot', params: ({ event }) => event.output },
      ],
    },
    'xstate.error.actor.*': { guard: { type: 'isGuest', params: eventOf } },
  },
  states: {
    starting: {
      on: {
        'task.submit': { actions: book },
        'task.queued': { actions: book },
        'slot.ready': [
          { guard: 'isHeldBack', target: 'open', actions: book },
          { target: 'open', actions: bookAndDispatch },
        ],
        'slot.failed': {
          guard: { type: 'isHopeless', params: eventOf },
          target: 'open',
          actions: book,
        },
      },
    },
    open: {
      type: 'parallel',
      states: {
        limit: {
          initial: 'clear',
          states: {
            clear: {
              entry: {
                type: 'perform',
                params: ({ context, event }) => resumed(context.floor, timeOf(event)),
              },
              always: { guard: 'isHeldBack', target: 'parked' },
              on: {
                'task.submit': { actions: bookAndDispatch },
                'task.queued': { actions: bookAndDispatch },
                'task.withdrawn': { actions: bookAndDispatch },
                'slot.ready': { actions: bookAndDispatch },
                'slot.released': { actions: bookAndDispatch },
                'slot.configure': { actions: bookAndDispatch },
                'review.closed': { actions: bookAndDispatch },
                'alarm.rang': { actions: bookAndDispatch },
                'assignment.voided': { actions: bookAndDispatch },
                'slot.lost': { actions: bookAndDispatch },
                'slot.settled': [
                  {
                    guard: { type: 'isLimited', params: eventOf },
                    target: 'parked',
                    actions: [{ type: 'meetLimit', params: eventOf }, book],
                  },
                  { actions: bookAndDispatch },
                ],
              },
            },
            parked: {
              entry: { type: 'perform', params: ({ context, event }) => holdBack(context, timeOf(event)) },
              on: {
                'alarm.rang': {
                  guard: { type: 'isLifted', params: eventOf },
                  target: 'probing',
                  actions: book,
                },
                'task.submit': { actions: book },
                'task.queued': { actions: book },
                'slot.ready': { actions: book },
                'assignment.voided': { actions: book },
                'slot.settled': { actions: book },
              },
            },
            probing: {
              entry: {
                type: 'perform',
                params: ({ context }) => probe(context.floor, context.limit?.until ?? 0),
              },
              on: {
                'task.submit': { actions: bookAndProbe },
                'task.queued': { actions: bookAndProbe },
                'task.withdrawn': { actions: bookAndProbe },
                'slot.ready': { actions: bookAndProbe },
                'slot.released': { actions: bookAndProbe },
                'slot.configure': { actions: bookAndProbe },
                'review.closed': { actions: bookAndProbe },
                'assignment.voided': { actions: bookAndProbe },
                'slot.lost': { actions: bookAndProbe },
                'slot.answered': [
                  {
                    guard: { type: 'isSign', params: eventOf },
                    target: 'clear',
                    actions: ['forgetLimit', bookAndDispatch],
                  },
                  {},
                ],
                'slot.settled': [
                  {
                    guard: { type: 'isLimited', params: eventOf },
                    target: 'parked',
                    actions: [{ type: 'meetLimit', params: eventOf }, book],
                  },
                  {
                    guard: { type: 'isProof', params: eventOf },
                    target: 'clear',
                    actions: ['forgetLimit', bookAndDispatch],
                  },
                  { actions: bookAndProbe },
                ],
              },
            },
          },
        },
        budget: {
          initial: 'within',
          states: {
            within: { always: { guard: 'isExhausted', target: 'exhausted' } },
            exhausted: {
              entry: {
                type: 'perform',
                params: ({ context, event }) => dismissAll(context.floor, timeOf(event)),
              },
            },
          },
        },
      },
    },
    draining: {
      always: { guard: 'isEmpty', target: 'drained' },
      initial: 'cancelling',
      on: {
        'pool.drain': [
          {
            guard: { type: 'isSooner', params: eventOf },
            actions: closeDoors,
          },
          {},
        ],
        'pool.scale': {},
        'slot.settled': { actions: bookAndDismiss },
        'assignment.voided': { actions: bookAndDismiss },
      },
      states: {
        cancelling: {
          on: {
            'alarm.rang': {
              guard: { type: 'isCurfew', params: eventOf },
              actions: {
                type: 'perform',
                params: ({ context, event }) => closing.dismissRunning(context.floor, event.at),
              },
            },
            'task.submit': { actions: turnAway },
            'task.queued': { actions: turnAway },
            'task.deferred': { actions: bookAndDismiss },
          },
        },
        /** What runs at the curfew is cut off with its slot, and is for a later pool to examine. */
        keeping: {
          on: {
            'alarm.rang': { guard: { type: 'isCurfew', params: eventOf }, target: '#pool.drained' },
            'task.submit': {
              actions: {
                type: 'perform',
                params: ({ context, event }) => closing.keep(context.floor, event.input),
              },
            },
            'task.deferred': {},
          },
        },
      },
    },
    drained: { type: 'final' },
  },
});

interface ContextChange {
  readonly key: string;
  readonly value?: string;
  readonly at: Timestamp;
}

interface NewSlot {
  readonly slotId: string;
  readonly identity: SlotIdentity;
  readonly inbox?: readonly Message[];
}

function slotOf(
  { settings, shared, slotPolicy: policy }: PoolContext,
  { slotId: id, identity, inbox = [] }: NewSlot,
) {
  return { id: id as `slot-${number}`, input: { id, identity, settings, shared, policy, inbox } };
}

function decide(decision: (context: PoolContext, event: FloorEvent) => Step) {
  return {
    type: 'perform',
    params: ({ context, event }: { context: PoolContext; event: FloorEvent }) => decision(context, event),
  } as const;
}
