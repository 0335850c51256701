import type { DirectoryAssign } from './directory-types.ts';
import type { SlotRequest } from './port.ts';
import { workspaceOf } from './task-entry.ts';
import type { TaskContext } from './task-types.ts';
import type { SessionPolicy, SessionSettings } from './types.ts';

/** Feedback alone is enough for a conversation that knows the rest. */
export function requestOf(context: TaskContext, order: DirectoryAssign): SlotRequest {
  const { capMicros, conversation, isProbe } = order;
  const { timeoutMs, silenceMs } = context.options;
  const settings = settingsFor(context);
  const work = context.report?.workspace;
  const feedback = conversation === undefined ? undefined : feedbackOf(context);
  const session = feedback === undefined ? sessionFor(context, order) : { resume: conversation ?? '' };
  return {
    taskId: context.id,
    generation: context.generation,
    prompt: feedback ?? promptOf(context),
    ...(settings && { settings }),
    ...(session !== undefined && { session }),
    ...(capMicros !== undefined && { capMicros }),
    ...(timeoutMs !== undefined && { timeoutMs }),
    ...(silenceMs !== undefined && { silenceMs }),
    ...(work && { work }),
    ...(isProbe && { isProbe }),
  };
}

const GO_ON =
  'You were cut off while you worked on this task. See what is done already, then go on until all of it is done.';

/** What the next attempt is prompted with: the task's prompt, and what the last review found wanting. */
function promptOf(context: TaskContext): string {
  if (context.resumption !== undefined) return GO_ON;
  const feedback = feedbackOf(context);
  return feedback === undefined ? context.prompt : `${context.prompt}\n\n---\n${feedback}`;
}

/** What the last review found wanting, for a conversation that knows the task; `undefined` before any rejection. */
function feedbackOf({ feedback, options: { review } }: TaskContext): string | undefined {
  const last = feedback.at(-1);
  if (last === undefined || review === undefined) return undefined;
  return `Attempt ${feedback.length + 1} of ${review.maxRejections}. Your last result was rejected:\n${last}`;
}

function settingsFor({ id, options }: TaskContext): SessionSettings | undefined {
  const { settings } = options;
  const workspace = workspaceOf(options, id);
  return workspace === undefined ? settings : { ...settings, workspace };
}

/** A task of a group goes on with the group's conversation, or with none. */
function sessionFor(
  { options: { session }, resumption }: TaskContext,
  { isStranger }: DirectoryAssign,
): SessionPolicy | undefined {
  if (resumption !== undefined) return { resume: resumption.sessionId };
  return isStranger === true && typeof session !== 'object' ? 'fresh' : session;
}
