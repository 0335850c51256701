import type { Desk } from './desk.ts';
import { isChain, isSettled, outcomeOf } from './outcome.ts';
import type { Answer, Call } from './tool.ts';
import { waitFor } from './wait-for.ts';

/** Waits for work that this request has started, and cancels it when the client takes the request back. */
export async function follow(
  ids: readonly string[],
  { desk, call }: { readonly desk: Desk; readonly call: Call },
): Promise<readonly Answer[]> {
  try {
    await waitFor(ids, { desk, call });
  } catch (error) {
    await cancelAll(ids, desk);
    throw error;
  }
  return Promise.all(ids.map((id) => outcomeOf(desk, id)));
}

/** The same for one task or chain. */
export async function followOne(
  id: string,
  parts: { readonly desk: Desk; readonly call: Call },
): Promise<Answer> {
  const [outcome = {}] = await follow([id], parts);
  return outcome;
}

export async function cancelAll(ids: readonly string[], desk: Desk): Promise<void> {
  const { pool } = desk;
  await Promise.all(ids.map((id) => (isChain(id, desk) ? pool.cancelChain(id) : pool.cancel(id))));
}

/** The ids of what was submitted. When one was refused, the others are cancelled. */
export async function allOrNone(
  submissions: readonly PromiseSettledResult<string>[],
  desk: Desk,
): Promise<readonly string[]> {
  const ids = submissions.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
  const refused = submissions.find((each) => each.status === 'rejected');
  if (refused === undefined) return ids;
  await cancelAll(ids, desk);
  throw refused.reason;
}

/** Outcomes with a word on those that have not ended. */
export function outcomesAnswer(outcomes: readonly Answer[]): Answer {
  const open = outcomes.filter((outcome) => !isSettled(outcome));
  const next = `${open.length} of ${outcomes.length} go on. Call \`pool_wait\` with their ids as \`task_ids\`.`;
  return { outcomes, ...(open.length > 0 && { next }) };
}
