import { assign, enqueueActions, setup } from 'xstate';
import { isExhausted, openLedger } from './budget.ts';
import { directory } from './directory.ts';
import { eventOf } from './event-of.ts';
import { alarm } from './port.ts';
import type { Seat, Step } from './schedule.ts';
import * as schedule from './schedule.ts';
import { slotMachine } from './slot.ts';
import type { SlotSettled } from './slot-types.ts';
import type { Timestamp } from './types.ts';
import type {
  PoolInput,
  PoolContext,
  Limit,
  PoolEvent,
  SlotDone,
  PoolDrain,
  PoolOutput,
} from './pool-types.ts';

/** What the floor keeps its books on. */
type FloorEvent = Exclude<PoolEvent, PoolDrain | SlotDone>;

const book = decide((context, event) => booked(context, event));
const bookAndDispatch = decide((context, event) =>
  schedule.andThen(booked(context, event), (floor) => schedule.dispatch(floor, event.at)),
);
const bookAndProbe = decide((context, event) =>
  schedule.andThen(booked(context, event), (floor) => schedule.probe(floor, event.at)),
);
const bookAndDismiss = decide((context, event) =>
  schedule.andThen(booked(context, event), (floor) => schedule.dismiss(floor, event.at)),
);

/** A fleet of slots, the order of waiting tasks, and the ledger. */
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
      const { settings, slotPolicy: policy, shared } = context;
      for (const { slotId: id, identity } of context.floor.seats) {
        enqueue.spawnChild('slot', {
          id: id as `slot-${number}`,
          input: { id, identity, settings, shared, policy },
        });
      }
    }),
    perform: enqueueActions(({ enqueue }, { floor, orders }: Step) => {
      enqueue.assign({ floor });
      for (const order of orders) enqueue.sendTo(order.to === 'slot' ? order.slotId : order.to, order.event);
    }),
    meetLimit: assign(({ context }, settled: SlotSettled) => ({ limit: nextLimit(context, settled) })),
    forgetLimit: assign({ limit: undefined }),
    forgetSlot: enqueueActions(({ enqueue }, { slotId }: { slotId: string }) => enqueue.stopChild(slotId)),
    setCurfew: assign((_, { until }: PoolDrain) => ({ closesAt: until })),
  },
  guards: {
    isLimited: (_, { verdict }: SlotSettled) => verdict.name === 'rateLimited' || verdict.name === 'auth',
    isProof: (_, { verdict }: SlotSettled) => verdict.ok,
    isLifted: ({ context }, { at }: { at: Timestamp }) => at >= (context.limit?.until ?? 0),
    isCurfew: ({ context }, { at }: { at: Timestamp }) => at >= (context.closesAt ?? Infinity),
    isSooner: ({ context }, { until = Infinity }: PoolDrain) => until < (context.closesAt ?? Infinity),
    isExhausted: ({ context }) => isExhausted(context.floor.ledger),
    isHopeless: ({ context }, { slotId }: { slotId: string }) =>
      context.floor.seats.every((seat) => seat.slotId === slotId || seat.state === 'failed'),
    isEmpty: ({ context }) => context.floor.seats.length === 0,
  },
}).createMachine({
  id: 'pool',
  context: ({ input }) => openFloor(input),
  output: ({ context }) => ({ spent: context.floor.ledger.spent }),
  initial: 'starting',
  entry: 'openHouse',
  on: {
    'pool.drain': {
      target: '.draining',
      actions: [
        { type: 'perform', params: ({ context, event }) => schedule.close(context.floor, event) },
        { type: 'setCurfew', params: eventOf },
      ],
    },
    'task.tell': { actions: book },
    'task.withdrawn': { actions: book },
    'task.deferred': { actions: book },
    'task.recalled': { actions: book },
    'attempt.cancelled': { actions: book },
    'slot.lost': { actions: book },
    'slot.failed': { actions: book },
    'alarm.rang': { actions: book },
  },
  states: {
    starting: {
      on: {
        'task.submit': { actions: book },
        'slot.ready': { target: 'open', actions: bookAndDispatch },
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
              on: {
                'task.submit': { actions: bookAndDispatch },
                'task.queued': { actions: bookAndDispatch },
                'task.withdrawn': { actions: bookAndDispatch },
                'slot.ready': { actions: bookAndDispatch },
                'assignment.voided': { actions: bookAndDispatch },
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
              entry: { type: 'perform', params: ({ context }) => setReopening(context) },
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
                params: ({ context }) => schedule.probe(context.floor, context.limit?.until ?? 0),
              },
              on: {
                'task.submit': { actions: bookAndProbe },
                'task.queued': { actions: bookAndProbe },
                'slot.ready': { actions: bookAndProbe },
                'assignment.voided': { actions: bookAndProbe },
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
            exhausted: {},
          },
        },
      },
    },
    draining: {
      always: { guard: 'isEmpty', target: 'drained' },
      on: {
        'pool.drain': [
          {
            guard: { type: 'isSooner', params: eventOf },
            actions: [
              { type: 'perform', params: ({ context, event }) => schedule.close(context.floor, event) },
              { type: 'setCurfew', params: eventOf },
            ],
          },
          {},
        ],
        'alarm.rang': {
          guard: { type: 'isCurfew', params: eventOf },
          actions: [
            book,
            {
              type: 'perform',
              params: ({ context, event }) => schedule.dismissRunning(context.floor, event.at),
            },
          ],
        },
        'task.submit': { actions: bookAndDismiss },
        'task.queued': { actions: bookAndDismiss },
        'task.deferred': { actions: bookAndDismiss },
        'slot.ready': { actions: bookAndDismiss },
        'slot.settled': { actions: bookAndDismiss },
        'assignment.voided': { actions: bookAndDismiss },
        'slot.lost': { actions: bookAndDismiss },
        'slot.failed': { actions: bookAndDismiss },
        'xstate.done.actor.*': {
          actions: [
            {
              type: 'perform',
              params: ({ context, event }) => schedule.withoutSeat(context.floor, event.output.slotId),
            },
            { type: 'forgetSlot', params: ({ event }) => event.output },
          ],
        },
      },
    },
    drained: { type: 'final' },
  },
});

function openFloor(input: PoolInput): PoolContext {
  const {
    slots,
    settings,
    slotPolicy,
    budgetMicros,
    limitBackoffMs = 30_000,
    limitBackoffMaxMs = 900_000,
  } = input;
  const seats = slots.map((identity, index): Seat => ({
    slotId: `slot-${index}`,
    identity,
    state: 'away',
    tasks: 0,
    spent: 0,
    reserved: 0,
  }));
  return {
    settings,
    slotPolicy,
    shared: {},
    limitBackoffMs,
    limitBackoffMaxMs,
    floor: { ledger: openLedger(budgetMicros), seats, lanes: {}, alarms: undefined },
  };
}

/** The time that the API gave, or exponential backoff. */
function nextLimit(
  { limit, limitBackoffMs, limitBackoffMaxMs }: PoolContext,
  { verdict, at }: SlotSettled,
): Limit {
  const strikes = (limit?.strikes ?? 0) + 1;
  const backoff = Math.min(limitBackoffMaxMs, limitBackoffMs * 2 ** (strikes - 1));
  return {
    reason: verdict.name === 'auth' ? 'auth' : 'rateLimited',
    message: verdict.reason,
    until: Math.max(verdict.resetsAt ?? at + backoff, at + 1),
    strikes,
  };
}

function setReopening(context: PoolContext): Step {
  return schedule.setAlarm(context.floor, schedule.poolAlarm(context.limit?.until ?? 0));
}

/** What each event changes on the floor, whatever state the pool is in. */
function booked({ floor, limit }: PoolContext, event: FloorEvent): Step {
  switch (event.type) {
    case 'task.submit':
      return schedule.admit(floor, event.input);
    case 'task.tell':
      return schedule.tell(floor, event);
    case 'task.queued':
      return schedule.enroll(floor, event.entry, event.at);
    case 'task.withdrawn':
      return schedule.withdraw(floor, event.entry);
    case 'task.deferred':
      return schedule.setAlarm(floor, event.entry);
    case 'task.recalled':
      return schedule.dropAlarm(floor, event.entry);
    case 'attempt.cancelled':
      return schedule.interrupt(floor, event);
    case 'alarm.rang':
      return schedule.ring(floor, event.at);
    case 'assignment.voided':
      return schedule.voidAssignment(floor, event.slotId);
    case 'slot.ready':
      return schedule.seatReady(floor, event.slotId);
    case 'slot.settled':
      return schedule.settleAttempt(floor, event, limit?.until);
    case 'slot.lost':
      return schedule.seatLost(floor, event.slotId);
    default:
      return schedule.seatFailed(floor, event);
  }
}

function decide(decision: (context: PoolContext, event: FloorEvent) => Step) {
  return {
    type: 'perform',
    params: ({ context, event }: { context: PoolContext; event: FloorEvent }) => decision(context, event),
  } as const;
}
