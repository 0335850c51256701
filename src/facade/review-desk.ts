import { abortable } from '../abortable.ts';
import type { Pool } from '../api.ts';
import { PoolError } from '../errors.ts';
import { parseText } from '../options/call-arguments.ts';
import { infoOf, resultOrThrow } from '../views/task-info.ts';
import type { FacadeParts } from './facade-parts.ts';
import type { MergeDesk } from './merge-desk.ts';
import { assertOpen } from './assert-open.ts';
import type { TaskRegister } from './task-register.ts';

type ReviewDesk = Pick<Pool, 'approveResult' | 'rejectResult' | 'diff'>;

/** The methods that look at results which wait for review, and answer them. */
export function reviewDesk(
  { actor, book, now }: FacadeParts,
  { register, merges }: { readonly register: TaskRegister; readonly merges: MergeDesk },
): ReviewDesk {
  const { find, tell, ended } = register;

  function assertInReview(taskId: string): void {
    const { state } = find(taskId);
    if (state === 'pendingReview') return merges.assertIdle(taskId);
    const message = `Expected a task whose result waits for review, got \`${taskId}\`, which is ${state}.`;
    throw new PoolError('INVALID_STATE', message, { taskId });
  }

  return {
    async approveResult(taskId, options = {}) {
      assertInReview(taskId);
      const approve = (): void => tell(taskId, { type: 'review.approve', at: now() });
      const reject = (feedback: string): void => tell(taskId, { type: 'review.reject', feedback, at: now() });
      if (options.merge === undefined) approve();
      else await merges.merge(find(taskId), options, { approve, reject });
      return resultOrThrow(await ended(taskId, { signal: options.signal }));
    },
    async rejectResult(taskId, feedback, { signal } = {}) {
      const text = parseText('feedback', feedback);
      assertInReview(taskId);
      assertOpen(actor.getSnapshot());
      tell(taskId, { type: 'review.reject', feedback: text, at: now() });
      const info = infoOf(find(taskId));
      await abortable(book.flushed(), signal);
      return info;
    },
    diff: async (taskId, options = {}) => merges.diff(find(taskId), options),
  };
}
