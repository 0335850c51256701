import type { Floor, Seat } from '../../../../machines/floor.ts';
import type { EventHistory } from './event-history.ts';
import type { Sight } from './sight.ts';

/** 2. What is reserved is what the running attempts hold. */
export function brokenLedger({ floor: { ledger, seats } }: Sight): readonly string[] {
  const held = seats.reduce((sum, { reserved }) => sum + reserved, 0);
  const { spent, reserved } = ledger;
  const isSound = [spent, reserved].every((amount) => Number.isSafeInteger(amount) && amount >= 0);
  return [
    ...(held === reserved ? [] : [`2: seats hold ${held}, ${reserved} is reserved`]),
    ...(isSound ? [] : [`2: the ledger reads ${JSON.stringify(ledger)}`]),
  ];
}

/** 2. Nothing is granted that would pass a budget. */
export function brokenGrants(before: Floor, { seats, ledger }: Floor): readonly string[] {
  const earlier = new Map(before.seats.map((seat) => [seat.slotId, seat]));
  const granted = seats.filter(
    (seat) => seat.taskId !== undefined && isNewGrant(earlier.get(seat.slotId), seat),
  );
  if (granted.length === 0) return [];
  const { limit = Infinity, spent, reserved } = ledger;
  return [
    ...(spent + reserved <= limit ? [] : [`2: ${spent} + ${reserved} was granted of ${limit}`]),
    ...granted.flatMap(({ slotId, capMicros = Infinity, spent: own, reserved: held }) =>
      own + held <= capMicros ? [] : [`2: ${own} + ${held} was granted of ${capMicros} to ${slotId}`],
    ),
  ];
}

function isNewGrant(before: Seat | undefined, after: Seat): boolean {
  return before?.taskId !== after.taskId || before?.tasks !== after.tasks;
}

/** 4. What the tasks spent is what the ledger says. */
export function brokenSpend({ floor: { ledger }, tasks }: Sight, history: EventHistory): readonly string[] {
  const broken: string[] = [];
  if (history.spent() !== ledger.spent)
    broken.push(`4: the tasks spent ${history.spent()}, the ledger says ${ledger.spent}`);
  for (const [id, { context }] of tasks) {
    const told = history.spendOf(id);
    if (told !== undefined && told !== context.spend)
      broken.push(`4: task ${id} spent ${context.spend}, its last event said ${told}`);
  }
  return broken;
}

/** 7. A task that has ended stays as it ended. */
export function brokenEnds({ tasks }: Sight, history: EventHistory): readonly string[] {
  return [...tasks].flatMap(([id, { state }]) => {
    const told = history.endOf(id);
    return told === undefined || told === state ? [] : [`7: task ${id} is ${state}, it had ${told}`];
  });
}

/** What the pool shows is what there is. */
export function brokenStatus({ status, counts, floor, tasks }: Sight): readonly string[] {
  const live = { running: 0, pending: 0, pendingReview: 0 };
  for (const { state } of tasks.values()) {
    if (state === 'running' || state === 'pending' || state === 'pendingReview') live[state] += 1;
  }
  const shown = [status.activeTasks, status.pendingTasks, status.pendingReview];
  const known = [live.running, live.pending, live.pendingReview];
  return [
    ...(shown.join() === known.join()
      ? []
      : [`status: shows ${shown.join()}, the directory has ${known.join()}`]),
    ...(floor.reviews === counts.pendingReview
      ? []
      : [`status: ${floor.reviews} reviews are counted, ${counts.pendingReview} wait`]),
  ];
}
