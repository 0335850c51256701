import type { LiveSession } from './live-session.ts';

/** Stops background tasks, so that none starts a turn of its own later. One that is gone already is as good. */
export async function stopTasks(session: LiveSession, tasks: Iterable<string>): Promise<void> {
  const requests = [...tasks].map((taskId) => session.request({ subtype: 'stop_task', task_id: taskId }));
  await Promise.allSettled(requests);
}
