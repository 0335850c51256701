import { seatBudget, serves } from './floor.ts';
import type { Floor, Seat } from './floor.ts';
import { head, precedes } from './queue.ts';
import type { TaskEntry } from './task-types.ts';

/** Who runs next, and where. */
export interface Match {
  readonly entry: TaskEntry;
  readonly seat: Seat;
}

/** The first task in the order of all lanes that a free slot serves, with the slot that suits it best. */
export function nextMatch({ lanes, seats }: Pick<Floor, 'lanes' | 'seats'>): Match | undefined {
  if (!seats.some(isFree)) return undefined;
  let best: Match | undefined;
  for (const lane of Object.values(lanes)) {
    const entry = head(lane);
    if (entry === undefined || (best !== undefined && !precedes(entry, best.entry))) continue;
    const seat = bestSeat(seats, entry);
    if (seat !== undefined) best = { entry, seat };
  }
  return best;
}

/** Idle slots in a conversation that the first of a lane continues and they cannot: it asks for another slot, or for more than they may spend. */
export function obstacles({ lanes, seats }: Pick<Floor, 'lanes' | 'seats'>): readonly Seat[] {
  return Object.values(lanes).flatMap((lane) => {
    const entry = head(lane);
    const holder = entry?.resume === undefined ? undefined : holderOf(seats, entry.resume);
    if (entry === undefined || holder?.state !== 'idle') return [];
    return canTake(holder, entry) ? [] : [holder];
  });
}

/** Same conversation first, then same group, then a process that need not be replaced, then the least used. */
function bestSeat(seats: readonly Seat[], entry: TaskEntry): Seat | undefined {
  const holder = entry.resume === undefined ? undefined : holderOf(seats, entry.resume);
  let best: Seat | undefined;
  let bestRank = Infinity;
  for (const seat of holder === undefined ? seats : [holder]) {
    if (!canTake(seat, entry)) continue;
    const rank = rankOf(seat, entry);
    if (best !== undefined && (rank > bestRank || (rank === bestRank && seat.tasks >= best.tasks))) continue;
    best = seat;
    bestRank = rank;
  }
  return best;
}

/** One conversation never has two live processes: who continues it goes where it is, or waits until it is there no more. */
function holderOf(seats: readonly Seat[], conversation: string): Seat | undefined {
  return seats.find((seat) => seat.state !== 'failed' && seat.conversation === conversation);
}

function canTake(seat: Seat, { slot, group, capMicros = 0 }: TaskEntry): boolean {
  if (!isFree(seat) || (seat.state === 'held' && (group === undefined || seat.group !== group))) return false;
  const budget = seatBudget(seat);
  return serves(seat, slot) && budget > 0 && budget >= capMicros;
}

function rankOf(seat: Seat, { resume, recent = resume, group, kind }: TaskEntry): number {
  if (recent !== undefined && seat.conversation === recent) return 0;
  if (group !== undefined && seat.group === group) return 1;
  return seat.kind === kind ? 2 : 3;
}

function isFree({ state }: Seat): boolean {
  return state === 'idle' || state === 'held';
}
