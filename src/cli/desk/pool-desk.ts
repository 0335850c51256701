import { setImmediate } from 'node:timers/promises';
import type { Pool } from '../../index.ts';
import type { Desk } from './desk.ts';
import { newsOf } from './news.ts';
import { cancelled, settled } from './settled.ts';
import { submitAll } from './submit-all.ts';
import { viewsOf } from './views.ts';

/** The desk of a pool in this process. */
export function poolDesk(pool: Pool): Desk {
  return {
    submit: (call) => submitAll(pool, call),
    submitChain: ({ source, options, signal }) =>
      pool.submitChain(source, { ...options, ...heeding(signal) }),
    submitSkill: ({ name, args, options, signal }) =>
      pool.submitSkill(name, args, { ...options, ...heeding(signal) }),
    settled: (call) => settled(pool, call),
    cancel: (call) => cancelled(pool, call),
    approve: ({ id, ...options }) => pool.approveResult(id, options),
    reject: async ({ id, feedback, signal }) =>
      (await pool.rejectResult(id, feedback, heeding(signal))).state,
    diff: ({ id, signal }) => pool.diff(id, heeding(signal)),
    text: ({ id }) => textSoFar(pool.output(id)),
    skills: ({ signal }) => pool.skills.list(heeding(signal)),
    skill: ({ name, signal }) => pool.skills.get(name, heeding(signal)),
    status: async () => pool.status(),
    context: async () => pool.contextList(),
    setContext: async ({ key, value }) => pool.contextSet(key, value),
    deleteContext: async ({ key }) => pool.contextDelete(key),
    drain: (call) => pool.drain(call),
    output: async ({ id, signal }) => pool.output(id, heeding(signal)),
    news: async ({ signal }) => newsOf(pool, signal),
    views: async ({ signal }) => viewsOf(pool, signal),
  };
}

/** A stream of text has at once what there is of it. */
async function textSoFar(output: AsyncIterable<string>): Promise<string> {
  const reader = output[Symbol.asyncIterator]();
  const first = await Promise.race([reader.next(), setImmediate()]);
  await reader.return?.();
  return first?.value ?? '';
}

function heeding(signal: AbortSignal | undefined): { readonly signal?: AbortSignal } {
  return signal === undefined ? {} : { signal };
}
