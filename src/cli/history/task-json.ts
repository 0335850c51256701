import type { TaskInfo } from '../../index.ts';

/** A task as JSON: an error has no message there of itself. */
export function taskJson({ error, ...task }: TaskInfo): object {
  if (error === undefined) return task;
  const { code, message, verdict } = error;
  return { ...task, error: { code, message, ...(verdict !== undefined && { verdict }) } };
}
