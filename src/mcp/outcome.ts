import { z } from 'zod';
import { PoolError } from '../index.ts';
import type { ChainInfo, TaskInfo } from '../index.ts';
import type { Desk } from './desk.ts';
import { faultOf, faultSchema } from './fault.ts';
import { remedyFor } from './remedy-for.ts';
import type { Answer } from './tool.ts';
import { wireObject } from './wire.ts';

/** How far a task or a chain has come. More fields than these may be there. */
export const outcomeSchema = z.looseObject({
  task_id: z.string().describe('Id of the task, or of the chain.'),
  state: z.enum(['pending', 'running', 'cancelling', 'pendingReview', 'completed', 'failed', 'cancelled']),
  output: z.string().optional().describe('The answer.'),
  spend_usd: z.number().optional(),
  verdict: z.string().optional(),
  steps: z.array(z.looseObject({ name: z.string(), state: z.string(), output: z.string() })).optional(),
  error: faultSchema.partial().loose().optional(),
  next: z.string().optional().describe('How to go on when the work has not ended.'),
});

/** How far a task or a chain has come, told to the caller of a tool. */
export async function outcomeOf(desk: Desk, id: string): Promise<Answer> {
  if (isChain(id, desk)) return chainOutcome(desk.pool.chainResult(id), desk);
  const known = taskNamed(desk, id);
  return known === undefined ? formerOutcome(desk, id) : taskOutcome(known, desk);
}

/** Undefined for a task that ended long ago, or never was. */
export function taskNamed({ pool }: Desk, id: string): TaskInfo | undefined {
  try {
    return pool.task(id);
  } catch (error) {
    if (error instanceof PoolError && error.code === 'TASK_NOT_FOUND') return undefined;
    throw error;
  }
}

/** The tasks of a chain have ids that begin like the chain's own. */
export function isChain(id: string, { pool }: Desk): boolean {
  if (!id.startsWith('chain-')) return false;
  try {
    return pool.chainResult(id).id === id;
  } catch (error) {
    if (error instanceof PoolError && error.code === 'CHAIN_NOT_FOUND') return false;
    throw error;
  }
}

/** Whether nothing more will come of it without somebody's doing. */
export function isSettled({ state }: Answer): boolean {
  return isOver({ state }) || state === 'pendingReview';
}

/** Whether it did not come to a good end. */
export function isLost({ state }: { readonly state?: unknown }): boolean {
  return state === 'failed' || state === 'cancelled';
}

function isOver({ state }: { readonly state?: unknown }): boolean {
  return state === 'completed' || isLost({ state });
}

function taskOutcome(task: TaskInfo, { approvals }: Desk): Answer {
  const { id, state, wait, until, result, error, spendUsd, attempts } = task;
  if (result !== undefined) return { task_id: id, state, ...wireObject(result), ...nextOf(state, approvals) };
  return {
    task_id: id,
    state,
    ...(wait !== undefined && { wait }),
    ...(until !== undefined && { until }),
    spend_usd: spendUsd,
    attempts,
    ...(error !== undefined && { error: faultOf(error) }),
    ...nextOf(state, approvals),
  };
}

/** A task that the pool does not hold any more, but its store does. */
async function formerOutcome({ pool }: Desk, id: string): Promise<Answer> {
  try {
    const result = await pool.result(id);
    return result === undefined
      ? { task_id: id, state: 'pending' }
      : { task_id: id, state: 'completed', ...wireObject(result) };
  } catch (error) {
    if (!(error instanceof PoolError) || error.code === 'TASK_NOT_FOUND') throw error;
    const state = error.code === 'CANCELLED' ? 'cancelled' : 'failed';
    return { task_id: id, state, error: faultOf(error) };
  }
}

function chainOutcome(chain: ChainInfo, desk: Desk): Answer {
  const { id, error, ...rest } = chain;
  return {
    task_id: id,
    ...wireObject(rest),
    ...(error !== undefined && { error: { ...error, ...causeOf(chain, desk) } }),
    ...(!isOver(chain) && { next: WAIT }),
  };
}

/** What the task died of that failed the chain, and what to do. */
function causeOf({ steps, error }: ChainInfo, desk: Desk): Answer {
  const failed = steps.find((step) => step.state === 'failed');
  const taskId = failed?.taskIds.at(-1) ?? '';
  const verdict = taskNamed(desk, taskId)?.verdict;
  return {
    remedy: remedyFor(error?.code ?? '', verdict),
    ...(verdict !== undefined && { task_id: taskId, verdict }),
  };
}

const WAIT = 'It goes on. Call `pool_wait` with this `task_id`, or do something else meanwhile.';

function nextOf(state: string, approvals: Desk['approvals']): Answer {
  if (state === 'pendingReview') return { next: REVIEW[approvals] };
  return isOver({ state }) ? {} : { next: WAIT };
}

const REVIEW = {
  human:
    'A person must approve or reject this result: tell them. `pool_wait` asks them where the client can; a pool with a state folder takes `claude-pool review approve` or `reject` too.',
  agent: 'Check the output, then call `pool_approve_result`, or `pool_reject_result` with feedback.',
};
