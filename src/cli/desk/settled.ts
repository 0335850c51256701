import { PoolError } from '../../index.ts';
import type { Abortable, ChainInfo, Pool, TaskInfo } from '../../index.ts';
import { failureOf } from '../failure.ts';
import type { Settled } from './desk.ts';

type Call = { readonly id: string } & Abortable;

/** How a task or a chain ended, as soon as it has, or waits for a review. Rejects when there is no such one. */
export async function settled(pool: Pool, { id, signal }: Call): Promise<Settled> {
  const heeding = signal === undefined ? {} : { signal };
  const chain = await orUndefined(pool.waitChain(id, heeding), 'CHAIN_NOT_FOUND');
  return chain === undefined ? taskSettled(pool, { id, ...heeding }) : (endOfChain(chain) ?? unended(id));
}

/** Cancels a task or a chain, and tells how it ended. */
export async function cancelled(pool: Pool, { id, signal }: Call): Promise<Settled> {
  const heeding = signal === undefined ? {} : { signal };
  const chain = await orUndefined(pool.cancelChain(id, heeding), 'CHAIN_NOT_FOUND');
  if (chain !== undefined) return endOfChain(chain) ?? unended(id);
  const task = await orUndefined(pool.cancel(id, heeding), 'TASK_NOT_FOUND');
  return settled(pool, { id: task?.id ?? id, ...heeding });
}

async function taskSettled(pool: Pool, { id, signal }: Call): Promise<Settled> {
  const leave = new AbortController();
  const end = pool.wait(id, { signal: AbortSignal.any([leave.signal, ...(signal ? [signal] : [])]) });
  try {
    const result = await Promise.race([end, review(pool, id, leave.signal)]);
    if (result === undefined) return endOfTask(pool.task(id)) ?? unended(id);
    return { id, state: 'completed', output: result.output, spendUsd: result.spendUsd, result };
  } catch (error) {
    signal?.throwIfAborted();
    return lost(id, { info: infoOf(pool, id), error });
  } finally {
    leave.abort();
  }
}

/** Resolves when the task waits for a review. */
function review(pool: Pool, id: string, signal: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    const stop = pool.on('task.pendingReview', ({ taskId }) => {
      if (taskId === id) resolve(undefined);
    });
    signal.addEventListener('abort', stop, { once: true });
    if (infoOf(pool, id)?.state === 'pendingReview') resolve(undefined);
  });
}

/** What rejected may be the end of the task, or why nobody can tell how it ends. */
function lost(
  id: string,
  { info, error }: { readonly info: TaskInfo | undefined; readonly error: unknown },
): Settled {
  const end = info && endOfTask(info);
  if (end !== undefined) return end;
  const isEnd = error instanceof PoolError && error.taskId === id && error.code !== 'TASK_NOT_FOUND';
  if (info !== undefined || !isEnd) throw error;
  return { id, state: error.code === 'CANCELLED' ? 'cancelled' : 'failed', ...faultOf(error) };
}

/** How a task has ended; undefined for one that has not. */
export function endOfTask({ id, state, spendUsd, result, error }: TaskInfo): Settled | undefined {
  if (state === 'pending' || state === 'running') return undefined;
  if (error !== undefined) return { id, state, spendUsd, ...faultOf(error) };
  return { id, state, output: result?.output ?? '', spendUsd, ...(result && { result }) };
}

function faultOf(error: PoolError): Pick<Settled, 'output' | 'error'> {
  return { output: error.report?.partialText ?? '', error: failureOf(error) };
}

/** How a chain has ended; undefined for one that has not. */
export function endOfChain(chain: ChainInfo): Settled | undefined {
  const { id, state, output, spendUsd, error } = chain;
  if (state === 'completed') return { id, state, output, spendUsd, chain };
  if (state !== 'failed' && state !== 'cancelled') return undefined;
  const fault = error ?? { code: 'CANCELLED', message: 'The chain was cancelled.' };
  return { id, state, output, spendUsd, chain, error: fault };
}

/** What was waited for has ended, by the word of the pool. */
function unended(id: string): never {
  throw new Error(`Expected \`${id}\` to have ended.`);
}

function infoOf(pool: Pool, id: string): TaskInfo | undefined {
  try {
    return pool.task(id);
  } catch {
    return undefined;
  }
}

async function orUndefined<Value>(
  promise: Promise<Value>,
  code: PoolError['code'],
): Promise<Value | undefined> {
  try {
    return await promise;
  } catch (error) {
    if (error instanceof PoolError && error.code === code) return undefined;
    throw error;
  }
}
