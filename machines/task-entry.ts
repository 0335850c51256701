import type { QueueEntry } from './queue.ts';
import { capLeft } from './task-cap.ts';
import type { TaskContext, TaskEntry, TaskInput, TaskOptions } from './task-types.ts';
import type { SlotWish } from './types.ts';

/** Built without spreads in the common case: there is one for every waiting task. */
export function entryOf(
  task: TaskInput & Partial<Pick<TaskContext, 'feedback' | 'report' | 'resumption' | 'slotId' | 'spend'>>,
): TaskEntry {
  const { id, seq, options, feedback, report, resumption } = task;
  const { priority = 0, slotWaitMs, review, group } = options;
  const capMicros = options.capMicros === undefined ? undefined : capLeft(task);
  const slot = options.slot ?? slotOfConversation(task);
  const kind = kindOf(options);
  const resume = resumption?.sessionId ?? resumedBy(options);
  const recent = (feedback?.length ?? 0) > 0 ? report?.sessionId : undefined;
  const isHolding = review !== undefined || group !== undefined;
  const wishes = [slot, capMicros, slotWaitMs, kind, resume, recent];
  if (!isHolding && wishes.every((wish) => wish === undefined)) return { id, priority, seq };
  return {
    id,
    priority,
    seq,
    ...(slot && { slot }),
    ...(capMicros !== undefined && { capMicros }),
    ...(slotWaitMs !== undefined && { patienceMs: slotWaitMs }),
    ...(resume !== undefined && { resume }),
    ...(recent !== undefined && { recent }),
    ...(group !== undefined && { group }),
    ...(kind !== undefined && { kind }),
    ...(isHolding && { holds: true }),
  };
}

export function alarmOf({ id, seq, until = 0 }: TaskContext): QueueEntry {
  return { id, seq, priority: -until };
}

/** Whether its place is all that a task asks for. */
export function isPlain(entry: TaskEntry): boolean {
  return Object.keys(entry).every((key) => key === 'id' || key === 'priority' || key === 'seq');
}

/** The workspace of its attempts; `own` names the one that is the task's alone, as is that of a task in no chain. */
export function workspaceOf({ workspace, chain }: TaskOptions, own: string): string | undefined {
  if (workspace === 'chain') return chain?.id ?? own;
  return workspace === 'task' ? own : workspace;
}

/** A conversation that began in the folder of a slot cannot be found from that of another. */
function slotOfConversation({
  options,
  resumption,
  slotId,
}: Parameters<typeof entryOf>[0]): SlotWish | undefined {
  const isBound = resumption !== undefined && options.workspace === 'slot' && slotId !== undefined;
  return isBound ? { id: slotId } : undefined;
}

/** All tasks with a workspace of their own are of one kind. */
function kindOf(options: TaskOptions): string | undefined {
  const { settings, workspace } = options;
  if (settings === undefined && workspace === undefined) return undefined;
  const { model: _model, effort: _effort, ...rest } = settings ?? {};
  const place = workspaceOf(options, 'task');
  const fixed = place === undefined ? rest : { ...rest, workspace: place };
  return Object.keys(fixed).length === 0 ? undefined : JSON.stringify(fixed);
}

function resumedBy({ session }: TaskOptions): string | undefined {
  return typeof session === 'object' && 'resume' in session ? session.resume : undefined;
}
