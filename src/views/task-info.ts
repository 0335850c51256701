import { NO_TOKENS } from '../../machines/types.ts';
import type { TaskContext, TaskView } from '../../machines/task-types.ts';
import { failureCodeOf } from '../../machines/failure-code.ts';
import type { TaskInfo, TaskOutcome, TaskResult } from '../api.ts';
import { PoolError } from '../errors.ts';
import { usdOf } from '../money.ts';

/** A task as the public API shows it. */
export function infoOf({ state, wait, context }: TaskView): TaskInfo {
  const {
    id,
    prompt,
    options,
    attempts,
    spend,
    slotId,
    submittedAt,
    startedAt,
    endedAt,
    until,
    feedback,
    verdict,
    reason,
  } = context;
  const isWaiting = wait === 'backingOff' || wait === 'parked';
  const why = reason?.message ?? verdict?.reason;
  return {
    id,
    state,
    ...(wait !== undefined && { wait }),
    prompt,
    priority: options.priority ?? 0,
    tags: options.tags ?? [],
    ...(options.chain && { chain: options.chain }),
    attempts,
    spendUsd: usdOf(spend),
    ...(slotId !== undefined && { slotId }),
    submittedAt,
    ...(startedAt !== undefined && { startedAt }),
    ...(endedAt !== undefined && { endedAt }),
    ...(isWaiting && until !== undefined && { until }),
    feedback,
    ...(verdict !== undefined && { verdict: verdict.name }),
    ...(why !== undefined && { reason: why }),
    ...((state === 'completed' || state === 'pendingReview') && { result: resultOf(context) }),
    ...((state === 'failed' || state === 'cancelled') && { error: errorOf(context) }),
  };
}

export function outcomeOf({ state, context }: TaskView): TaskOutcome {
  const taskId = context.id;
  if (state === 'completed') return { status: 'completed', taskId, result: resultOf(context) };
  return { status: state === 'cancelled' ? 'cancelled' : 'failed', taskId, error: errorOf(context) };
}

/** The result of a task that is completed. Throws what another one ended with. */
export function resultOrThrow(task: TaskView): TaskResult {
  const outcome = outcomeOf(task);
  if (outcome.status === 'completed') return outcome.result;
  throw outcome.error;
}

function resultOf({ id, attempts, spend, spendEstimated, slotId, report, verdict }: TaskContext): TaskResult {
  const result = report?.evidence.result;
  return {
    taskId: id,
    output: result?.text ?? '',
    spendUsd: usdOf(spend),
    spendEstimated,
    tokensUsed: report?.tokensUsed ?? NO_TOKENS,
    verdict: verdict?.name ?? 'incomplete',
    turns: result?.turns ?? 0,
    durationMs: report?.durationMs ?? 0,
    attempts,
    ...(report?.sessionId !== undefined && { sessionId: report.sessionId }),
    ...(report?.model !== undefined && { model: report.model }),
    ...(slotId !== undefined && { slotId }),
    ...(result?.structuredOutput !== undefined && { structuredOutput: result.structuredOutput }),
    ...(report?.workspace !== undefined && { workspace: report.workspace }),
    denials: result?.denials ?? [],
  };
}

function errorOf({ id, reason, report, verdict }: TaskContext): PoolError {
  const details = {
    taskId: id,
    ...(verdict !== undefined && { verdict: verdict.name }),
    ...(report !== undefined && { report }),
  };
  if (reason !== undefined) return new PoolError(reason.code, reason.message, details);
  const isHomeless = report?.evidence.openError?.code === 'WORKTREE';
  return new PoolError(
    isHomeless ? 'WORKTREE' : failureCodeOf(verdict?.name),
    `The task failed. ${verdict?.reason ?? ''}`.trim(),
    details,
  );
}
