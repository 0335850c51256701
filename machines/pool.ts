import { assign, enqueueActions, setup } from 'xstate';
import { dropAlarm, poolAlarm, resetAlarm, ring, setAlarm } from './alarms.ts';
import { isBroken, streakAfter } from './breaker.ts';
import { isExhausted, openLedger } from './budget.ts';
import { directory } from './directory.ts';
import type { DirectoryEvent } from './directory-types.ts';
import { eventOf } from './event-of.ts';
import { andThen, openFloor, seatOf } from './floor.ts';
import type { Floor, FloorRules, Step } from './floor.ts';
import { dismissAll } from './in-vain.ts';
import { left } from './lanes.ts';
import { paused, resumed } from './patience.ts';
import { alarm } from './port.ts';
import { reopened } from './recovery.ts';
import { autoscale, rescale } from './scaling.ts';
import * as schedule from './schedule.ts';
import { slotMachine } from './slot.ts';
import type { SlotAnswered, SlotSettled } from './slot-types.ts';
import type { Message, SlotIdentity, Timestamp } from './types.ts';
import type {
  PoolInput,
  PoolContext,
  Limit,
  PoolEvent,
  SlotDone,
  GuestFailed,
  PoolDrain,
  PoolOutput,
  RestoredPool,
} from './pool-types.ts';

/** What the floor keeps its books on. */
type FloorEvent = Exclude<PoolEvent, PoolDrain | SlotDone | GuestFailed>;

const SLOT_ID = /^slot-\d+$/;

const book = decide((context, event) => booked(context, event));
const bookAndDispatch = decide((context, event) =>
  andThen(
    andThen(booked(context, event), (floor) => schedule.dispatch(floor, event.at)),
    (floor) => autoscale(floor, event.at),
  ),
);
const bookAndProbe = decide((context, event) =>
  andThen(booked(context, event), (floor) => schedule.probe(floor, event.at)),
);
const bookAndDismiss = decide((context, event) =>
  andThen(booked(context, event), (floor) => schedule.dismiss(floor, event.at)),
);
const turnAway = decide(({ floor }, event) => {
  if (event.type === 'task.submit') return schedule.refuse(floor, event.input);
  return schedule.turnAway(floor, 'entry' in event ? event.entry.id : '', event.at);
});

const closeDoors = [
  {
    type: 'perform',
    params: ({ context, event }: { context: PoolContext; event: PoolDrain }) =>
      schedule.close(context.floor, event),
  },
  { type: 'setCurfew', params: eventOf<PoolDrain> },
] as const;

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
          params: ({ context, event }) => schedule.withoutSeat(context.floor, event.output.slotId),
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
                params: ({ context }) => schedule.probe(context.floor, context.limit?.until ?? 0),
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
        'slot.ready': { actions: bookAndDismiss },
        'slot.settled': { actions: bookAndDismiss },
        'assignment.voided': { actions: bookAndDismiss },
        'slot.lost': { actions: bookAndDismiss },
        'slot.failed': { actions: bookAndDismiss },
      },
      states: {
        cancelling: {
          on: {
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
                params: ({ context, event }) => schedule.keep(context.floor, event.input),
              },
            },
            'task.queued': {},
            'task.deferred': {},
          },
        },
      },
    },
    drained: { type: 'final' },
  },
});

const NO_RULES: FloorRules = { maxPendingReview: Infinity, breakAfter: 0 };

function openPool(input: PoolInput): PoolContext {
  const {
    slots,
    settings,
    slotPolicy,
    budgetMicros,
    shared = {},
    rules = NO_RULES,
    restored,
    limitBackoffMs = 30_000,
    limitBackoffMaxMs = 900_000,
  } = input;
  const opened = openFloor(slots, { ledger: openLedger(budgetMicros), rules });
  const floor = restored === undefined ? opened : restoredFloor(opened, restored);
  const mail = Object.fromEntries(restored?.slots.map(({ slotId, inbox }) => [slotId, inbox]) ?? []);
  const limit = restored?.limit;
  return {
    settings,
    slotPolicy,
    shared,
    mail,
    limitBackoffMs,
    limitBackoffMaxMs,
    floor,
    ...(limit && { limit }),
  };
}

/** The cap is the new pool's; what was spent stays spent, and a slot that is started again is who it was. */
function restoredFloor(floor: Floor, { ledger, slots, waiting, at }: RestoredPool): Floor {
  const { limit: _, ...spent } = ledger;
  const seats = floor.seats.map((seat) => {
    const known = slots.find(({ slotId }) => slotId === seat.slotId);
    if (known === undefined) return seat;
    const identity = { ...known.identity, ...seat.identity };
    return { ...seat, identity, tasks: known.tasks, spent: known.spent };
  });
  return reopened({ ...floor, seats, ledger: { ...floor.ledger, ...spent, reserved: 0 } }, waiting, at);
}

/** A floor that was restored may have somebody to wake. */
function firstAlarm(floor: Floor) {
  return resetAlarm({ alarms: undefined, deadlines: undefined }, floor).orders.flatMap((order) =>
    order.to === 'alarm' ? [order] : [],
  );
}

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

/** Why that attempt stops all others, if it does. */
function limitReason({ floor }: PoolContext, settled: SlotSettled): Limit['reason'] | undefined {
  const { name } = settled.verdict;
  if (name === 'rateLimited' || name === 'auth') return name;
  return isBroken(streakAfter(floor.streak, settled), floor.rules.breakAfter) ? 'breaker' : undefined;
}

/** The time that the API gave, or exponential backoff. */
function nextLimit(context: PoolContext, settled: SlotSettled): Limit {
  const { limit, limitBackoffMs, limitBackoffMaxMs, floor } = context;
  const { verdict, at } = settled;
  const strikes = (limit?.strikes ?? 0) + 1;
  const backoff = Math.min(limitBackoffMaxMs, limitBackoffMs * 2 ** (strikes - 1));
  const reason = limitReason(context, settled) ?? 'rateLimited';
  const prefix = reason === 'breaker' ? `The last ${floor.rules.breakAfter} tasks ended alike. ` : '';
  return {
    reason,
    message: `${prefix}${verdict.reason}`,
    until: Math.max(verdict.resetsAt ?? at + backoff, at + 1),
    strikes,
  };
}

/** Until when the task of that attempt waits with the pool. The first to be refused its login fails, and says so. */
function parkedUntil({ limit }: PoolContext, { verdict }: SlotSettled): Timestamp | undefined {
  return verdict.name === 'auth' && (limit?.strikes ?? 0) < 2 ? undefined : limit?.until;
}

/** Until the limit is lifted nothing is started, and nobody's patience runs out. */
function holdBack({ floor, limit }: PoolContext, at: Timestamp): Step {
  return andThen(setAlarm(floor, poolAlarm(limit?.until ?? 0)), (before) => paused(before, at));
}

/** Entry actions see the initial event too, which has no time. */
function timeOf(event: PoolEvent): Timestamp {
  return 'at' in event ? event.at : 0;
}

/** What each event changes on the floor, whatever state the pool is in. */
function booked(context: PoolContext, event: FloorEvent): Step {
  const { floor } = context;
  switch (event.type) {
    case 'task.submit':
      return schedule.admit(floor, event.input);
    case 'task.tell':
      return schedule.tell(floor, event);
    case 'chain.submit':
      return tellDirectory(floor, { type: 'directory.admitChain', input: event.input });
    case 'chain.cancel':
      return tellDirectory(floor, { type: 'directory.tellChain', chainId: event.chainId, event });
    case 'task.queued':
      return schedule.enroll(floor, event.entry, event.at);
    case 'task.withdrawn':
      return left(floor, event.entry);
    case 'task.deferred':
      return setAlarm(floor, event.entry);
    case 'task.recalled':
      return dropAlarm(floor, event.entry);
    case 'attempt.cancelled':
      return schedule.interrupt(floor, event);
    case 'review.opened':
      return schedule.countReviews(floor, 1);
    case 'review.closed':
      return schedule.countReviews(floor, -1);
    case 'alarm.rang':
      return andThen(ring(floor, event.at), (awake) => schedule.expire(awake, event.at));
    case 'assignment.voided':
      return schedule.voidAssignment(floor, event.slotId, event.at);
    case 'slot.ready':
      return schedule.seatReady(floor, event.slotId);
    case 'slot.released':
      return schedule.seatReleased(floor, event.slotId);
    case 'slot.answered':
      return schedule.seatAnswered(floor, event.slotId);
    case 'slot.settled':
      return schedule.settleAttempt(floor, event, parkedUntil(context, event));
    case 'slot.lost':
      return schedule.seatLost(floor, event.slotId);
    case 'slot.failed':
      return schedule.seatFailed(floor, event);
    case 'slot.configure':
      return schedule.configure(floor, event);
    case 'message.send':
      return schedule.tellSlot(floor, event.message.to, {
        type: 'message.received',
        message: event.message,
        at: event.at,
      });
    case 'messages.read':
      return schedule.tellSlot(floor, event.slotId, { type: 'messages.read', ids: event.ids, at: event.at });
    case 'pool.scale':
      return rescale(floor, event.slots, event.at);
    default:
      return { floor, orders: [] };
  }
}

function tellDirectory(floor: Floor, event: DirectoryEvent): Step {
  return { floor, orders: [{ to: 'directory', event }] };
}

function decide(decision: (context: PoolContext, event: FloorEvent) => Step) {
  return {
    type: 'perform',
    params: ({ context, event }: { context: PoolContext; event: FloorEvent }) => decision(context, event),
  } as const;
}
