import { z } from 'zod';
import type { TaskInfo } from '../../index.ts';
import { boundOf } from '../bound-of.ts';
import type { Desk } from '../desk.ts';
import { ENDS, READS, tool } from '../tool.ts';
import type { Answer, Call, Tool } from '../tool.ts';
import { reportEvents } from '../report-events.ts';
import { wireObject } from '../wire.ts';
import { slotSchema } from './slot-tools.ts';

/** Tools for the pool as a whole. */
export function statusTools(desk: Desk): readonly Tool[] {
  const { pool } = desk;
  const status = tool({
    name: 'pool_status',
    title: 'Status of the pool',
    description: 'Slots, counts of tasks by state, spend and budget, and whether a usage limit holds.',
    annotations: READS,
    input: z.strictObject({}),
    output: z.looseObject({ state: z.string(), slots: z.array(slotSchema), spend_usd: z.number() }),
    run: () => wireObject(pool.status()),
  });
  const metrics = tool({
    name: 'pool_session_metrics',
    title: 'Metrics',
    description:
      'What the tasks so far did and cost. With a filter: of those that the pool still holds and that fit all that is given.',
    annotations: READS,
    input: z.strictObject({
      since_ms: z.number().optional().describe('Submitted at or after, in milliseconds since the epoch.'),
      until_ms: z.number().optional().describe('Submitted before, in milliseconds since the epoch.'),
      model: z.string().min(1).optional(),
      tag: z.string().min(1).optional(),
    }),
    output: z.looseObject({ tasks: z.record(z.string(), z.int()), attempts: z.int(), spend_usd: z.number() }),
    run(filter) {
      if (Object.keys(filter).length === 0) return wireObject(pool.metrics());
      return metricsOf(tasksThatFit(filter, desk));
    },
  });
  const drain = tool({
    name: 'pool_drain',
    title: 'Drain the pool',
    description:
      'Ends the pool: it takes no more tasks, cancels those that wait, and lets the running ones end. It cannot be opened again. `timeout_seconds` says when what still runs is cancelled. Cancelling the request ends the wait, not the drain.',
    annotations: ENDS,
    input: z.strictObject({ timeout_seconds: z.number().nonnegative().max(2_000_000).optional() }),
    output: z.looseObject({ state: z.string(), next: z.string().optional() }),
    run: ({ timeout_seconds: seconds }, call) => drainFor(desk, call, seconds),
  });
  return [status, metrics, drain];
}

type Filter = Readonly<Partial<Record<'since_ms' | 'until_ms', number | undefined>>> &
  Readonly<Partial<Record<'model' | 'tag', string | undefined>>>;

function tasksThatFit(
  { since_ms: since = 0, until_ms: until = Infinity, model, tag }: Filter,
  { pool }: Desk,
) {
  return pool
    .tasks({ limit: Number.MAX_SAFE_INTEGER, ...(tag !== undefined && { tag }) })
    .filter(({ submittedAt }) => submittedAt >= since && submittedAt < until)
    .filter(({ result }) => model === undefined || result?.model === model);
}

function metricsOf(tasks: readonly TaskInfo[]): Answer {
  const counts: Record<string, number> = {};
  for (const { state } of tasks) counts[state] = (counts[state] ?? 0) + 1;
  const durations = tasks.flatMap(({ result }) => result?.durationMs ?? []);
  return {
    tasks: counts,
    attempts: sum(tasks.map(({ attempts }) => attempts)),
    spend_usd: sum(tasks.map(({ spendUsd }) => spendUsd)),
    mean_duration_ms: durations.length === 0 ? 0 : sum(durations) / durations.length,
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

async function drainFor(desk: Desk, call: Call, seconds?: number): Promise<Answer> {
  using bound = boundOf(call);
  const { signal } = bound;
  const stopReports = reportEvents([], { desk, call });
  const draining = desk.pool.drain({
    signal,
    ...(seconds !== undefined && { timeoutMs: Math.round(seconds * 1_000) }),
  });
  try {
    return { state: 'drained', ...wireObject(await draining) };
  } catch (error) {
    if (call.signal.aborted || error !== signal.reason) throw error;
    return {
      state: 'draining',
      next: 'Running tasks go on to their end. `pool_status` tells when it is drained.',
    };
  } finally {
    stopReports();
  }
}
