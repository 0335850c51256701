import type { Streak } from './floor.ts';
import type { Verdict, VerdictName } from './verdict-types.ts';

/** What, when it repeats from task to task, is likely no fault of the tasks. */
const SYSTEMIC: ReadonlySet<VerdictName> = new Set([
  'overloaded',
  'crashed',
  'hung',
  'incomplete',
  'invalidRequest',
]);

/** The run of equal bad verdicts after one more attempt. A task counts once, however often it is tried. */
export function streakAfter(
  streak: Streak | undefined,
  { verdict, taskId }: { readonly verdict: Verdict; readonly taskId: string },
): Streak | undefined {
  if (!SYSTEMIC.has(verdict.name)) return undefined;
  if (streak?.verdict !== verdict.name) return { verdict: verdict.name, tasks: [taskId] };
  if (streak.tasks.includes(taskId)) return streak;
  return { verdict: verdict.name, tasks: [...streak.tasks, taskId] };
}

/** Whether so many tasks in a row ended alike that the pool stops and probes. `breakAfter` 0 means never. */
export function isBroken(streak: Streak | undefined, breakAfter: number): boolean {
  return breakAfter > 0 && streak !== undefined && streak.tasks.length >= breakAfter;
}
