import { isSameLaunch } from './launch.ts';
import type { SessionEnded } from './port.ts';
import type { SlotContext } from './slot-types.ts';
import type { Timestamp } from './types.ts';

/** Whether a slot whose session has ended opens another. */
export function canRestart(context: SlotContext, { at, code = '' }: SessionEnded): boolean {
  const isHopeless = HOPELESS.has(code) && isOwnFault(context);
  return !isHopeless && recentRestarts(context, at).length < context.policy.maxRestarts;
}

/** The restarts that count once there is one more. */
export function restartsAfter(context: SlotContext, at: Timestamp): readonly Timestamp[] {
  return isOwnFault(context) ? [...recentRestarts(context, at), at] : context.restarts;
}

export function restartBackoffMs({ policy, restarts }: SlotContext): number {
  return policy.restartBackoffMs * 2 ** Math.max(0, restarts.length - 1);
}

/** Reasons that another start would only repeat. */
const HOPELESS: ReadonlySet<string> = new Set([
  'CLAUDE_NOT_FOUND',
  'CLAUDE_AUTH',
  'CLAUDE_PROTOCOL',
  'INVALID_OPTIONS',
]);

/** What a task's own settings or session break is the task's fault: without them the slot may well start. */
function isOwnFault({ launch, base }: SlotContext): boolean {
  return launch.resume === undefined && isSameLaunch(launch, base);
}

function recentRestarts({ restarts, policy }: SlotContext, at: Timestamp): readonly Timestamp[] {
  return restarts.filter((restart) => restart > at - policy.restartWindowMs);
}
