import { asking } from '../ask/asking.ts';
import { printData } from '../envelope.ts';
import { printTask } from '../history/print-task.ts';
import { coloured } from '../history/state-colour.ts';
import type { ApproveFlags, RejectFlags, ShowFlags } from './review-command.ts';

export function showReview(id: string, { diff, ...flags }: ShowFlags): Promise<number> {
  if (diff !== true) return printTask(id, flags);
  return asking(flags, async ({ desk }, signal) => {
    const patch = await desk.diff({ id, signal });
    if (flags.json === true) printData({ taskId: id, diff: patch });
    else if (patch === '') process.stderr.write('It has changed nothing in a git worktree.\n');
    else process.stdout.write(patch);
  });
}

export function approve(id: string, { merge, into, ...flags }: ApproveFlags): Promise<number> {
  return asking(flags, async ({ desk }, signal) => {
    const options = { ...(merge && { merge }), ...(into !== undefined && { into }) };
    const result = await desk.approve({ id, ...options, signal });
    if (flags.json === true) printData(result);
    else process.stdout.write(`${id} ${coloured('completed')}\n`);
  });
}

export function reject(id: string, { message, ...flags }: RejectFlags): Promise<number> {
  return asking(flags, async ({ desk }, signal) => {
    const state = await desk.reject({ id, feedback: message, signal });
    if (flags.json === true) printData({ taskId: id, state });
    else process.stdout.write(`${id} ${coloured(state)}\n`);
  });
}
