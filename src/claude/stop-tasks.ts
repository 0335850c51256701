import type { LiveSession } from './live-session.ts';

/** Stops background tasks, so that none starts a turn of its own later. One that is gone already is as good. */
export async function stopTasks(session: LiveSession): Promise<void> {
  const { openTasks } = session.conversation();
  const requests = [...openTasks].map((taskId) => session.request({ subtype: 'stop_task', task_id: taskId }));
  await Promise.allSettled(requests);
  session.forgetTasks();
}
