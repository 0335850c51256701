import { boundOf } from './bound-of.ts';
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

/** Cancels tasks and chains, and waits for their end, at most as long as the call may take. */
export async function cancelFor(
  ids: readonly string[],
  { desk, call }: { readonly desk: Desk; readonly call: Call },
): Promise<void> {
  using bound = boundOf(call);
  const { signal } = bound;
  await cancelAll(ids, desk, signal).catch((error: unknown) => {
    if (error !== signal.reason) throw error;
  });
}

async function cancelAll(ids: readonly string[], desk: Desk, signal?: AbortSignal): Promise<void> {
  const { pool } = desk;
  const options = signal === undefined ? {} : { signal };
  await Promise.all(
    ids.map((id) => (isChain(id, desk) ? pool.cancelChain(id, options) : pool.cancel(id, options))),
  );
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
