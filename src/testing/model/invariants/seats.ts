import { isTaken } from '../../../../machines/floor.ts';
import type { Seat } from '../../../../machines/floor.ts';
import type { Sight } from './sight.ts';

/** 1. At most one task on a slot; a running task has exactly one slot; who has ended holds nothing. */
export function brokenSeats({ floor, tasks }: Sight): readonly string[] {
  const broken: string[] = [];
  const seated = new Map<string, Seat>();
  for (const seat of floor.seats) {
    const { slotId, taskId, reserved } = seat;
    if (isTaken(seat) !== (taskId !== undefined) && seat.state !== 'failed')
      broken.push(`1: seat ${slotId} is ${seat.state} with task ${taskId}`);
    if (taskId === undefined) {
      if (reserved !== 0) broken.push(`1: empty seat ${slotId} reserves ${reserved}`);
      continue;
    }
    const other = seated.get(taskId);
    if (other !== undefined) broken.push(`1: task ${taskId} is on ${other.slotId} and on ${slotId}`);
    seated.set(taskId, seat);
    const task = tasks.get(taskId);
    if (task?.state !== 'running') broken.push(`1: ${slotId} holds ${taskId}, which is ${task?.state}`);
  }
  for (const [id, { state, context }] of tasks) {
    const seat = seated.get(id);
    if (state === 'running' && seat?.slotId !== context.slotId)
      broken.push(`1: task ${id} runs on ${context.slotId}, its seat is ${seat?.slotId}`);
  }
  return broken;
}

const STATES_OF_SEAT: Readonly<Record<Seat['state'], readonly string[]>> = {
  away: ['starting', 'recycling', 'recovering'],
  idle: ['idle'],
  held: [],
  busy: ['busy', 'recycling'],
  retiring: ['busy', 'recycling'],
  failed: ['failed'],
  leaving: ['draining', 'stopped'],
};

/** 1. What the pool believes of its slots is what they are; no two of them share a process or a conversation. */
export function brokenSlots({ floor, slots, status }: Sight): readonly string[] {
  if (status.state === 'drained') return [];
  const broken: string[] = [];
  const byId = new Map(slots.map((slot) => [slot.slotId, slot]));
  for (const seat of floor.seats) {
    const slot = byId.get(seat.slotId);
    if (!STATES_OF_SEAT[seat.state].includes(slot?.state ?? 'gone'))
      broken.push(`1: seat ${seat.slotId} is ${seat.state}, its slot ${slot?.state ?? 'gone'}`);
    if (isTaken(seat) && seat.taskId !== slot?.taskId)
      broken.push(`1: seat ${seat.slotId} holds ${seat.taskId}, its slot ${slot?.taskId}`);
  }
  const live = slots.filter(({ state }) => state === 'idle' || state === 'busy');
  for (const key of ['pid', 'sessionId'] as const) {
    const owners = new Map<unknown, string>();
    for (const { slotId, state, [key]: value } of live) {
      const owner = owners.get(value);
      if (value !== undefined && owner !== undefined)
        broken.push(`1: ${slotId}, which is ${state}, shares its ${key} with ${owner}`);
      owners.set(value, slotId);
    }
  }
  if (byId.size !== floor.seats.length)
    broken.push(`1: ${byId.size} slots live, ${floor.seats.length} have seats`);
  return broken;
}
