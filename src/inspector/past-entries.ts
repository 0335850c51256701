import type { PoolEvent, StatusChange } from '../index.ts';
import { excerptOf } from './excerpt.ts';
import type { FeedEntry, StateValue } from './feed-entry.ts';
import type { Picture } from './picture.ts';

type ActorPicture = Picture['actors'][number];

/** Turns the events that a pool has kept into what a feed would tell, one after the other. */
export function pastEntries(): (event: PoolEvent) => readonly FeedEntry[] {
  let budget: 'within' | 'exhausted' = 'within';
  let lifecycle = 'starting';
  let limit = 'clear';

  function poolState(event: PoolEvent, { state, limit: limited }: StatusChange): readonly ActorPicture[] {
    if (event.type === 'pool.starting') budget = 'within';
    if (event.type === 'budget.exhausted') budget = 'exhausted';
    const before = JSON.stringify([budget, lifecycle, limit]);
    lifecycle = state ?? lifecycle;
    limit = limited?.state ?? limit;
    const isSame = event.type !== 'budget.exhausted' && before === JSON.stringify([budget, lifecycle, limit]);
    if (isSame) return [];
    return [
      {
        name: 'pool',
        machine: 'pool',
        state: lifecycle === 'open' ? { open: { limit, budget } } : lifecycle,
      },
    ];
  }

  return (event) => {
    const { seq, at, type, change = {}, ...detail } = event;
    const states = [...poolState(event, change), ...slotStates(change), ...workState(event)].map(
      (actor, index): FeedEntry => ({ type: 'actor', seq: seq - 1 + (index + 1) / 10_000, at, ...actor }),
    );
    const ends = { source: subjectOf(event), target: counterpartOf(event) };
    return [...states, { type: 'event', seq, at, ...ends, event: type, detail: excerptOf(detail) }];
  };
}

function slotStates({ slots = [] }: StatusChange): readonly ActorPicture[] {
  return slots.flatMap(({ id, state }) =>
    state === undefined ? [] : [{ name: id, machine: 'slot', state }],
  );
}

function workState(event: PoolEvent): readonly ActorPicture[] {
  if ('taskId' in event && event.type.startsWith('task.')) {
    return [{ name: event.taskId, machine: 'task', state: TASK_STATES[event.type] ?? lastOf(event.type) }];
  }
  if (!('chainId' in event)) return [];
  const state =
    CHAIN_STATES[event.type] ?? (event.type.startsWith('chain.step') ? CHAIN_AT_WORK : lastOf(event.type));
  return [{ name: event.chainId, machine: 'chain', state }];
}

const TASK_STATES: Readonly<Record<string, StateValue>> = {
  'task.submitted': { pending: 'ready' },
  'task.ready': { pending: 'ready' },
  'task.backingOff': { pending: 'backingOff' },
  'task.parked': { pending: 'parked' },
};

const CHAIN_AT_WORK: StateValue = { running: 'working' };
const CHAIN_STATES: Readonly<Record<string, StateValue>> = {
  'chain.submitted': 'pending',
  'chain.running': CHAIN_AT_WORK,
  'chain.cancelling': { running: 'cancelling' },
};

function lastOf(type: string): string {
  return type.slice(type.indexOf('.') + 1);
}

function subjectOf(event: PoolEvent): string {
  if (event.type.startsWith('slot.') && 'slotId' in event) return event.slotId ?? 'pool';
  if ('taskId' in event && event.taskId !== undefined) return event.taskId;
  return 'chainId' in event ? event.chainId : 'pool';
}

function counterpartOf(event: PoolEvent): string {
  if (event.type.startsWith('task.') && 'slotId' in event) return event.slotId ?? 'pool';
  return 'pool';
}
