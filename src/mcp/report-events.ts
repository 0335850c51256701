import type { PoolEvent } from '../index.ts';
import type { Desk } from './desk.ts';
import type { Call } from './tool.ts';

/** Clients give up on a server that is silent for long; some count a progress notification as a sign of life. */
const HEARTBEAT_MS = 10_000;

/** Tells the client what happens to the work that it waits for. Returns the way to stop. */
export function reportEvents(
  ids: readonly string[],
  { desk, call }: { readonly desk: Desk; readonly call: Call },
): () => void {
  const { report } = call;
  if (report === undefined) return () => undefined;
  const wanted = new Set(ids);
  const stop = desk.pool.on('event', (event) => {
    const id = subjectOf(event);
    if (id !== undefined && wanted.has(id)) report(lineOf(event, id));
  });
  const heartbeat = setInterval(() => {
    const { activeTasks, pendingTasks } = desk.pool.status();
    report(`${activeTasks} tasks run, ${pendingTasks} wait`);
  }, HEARTBEAT_MS);
  return () => {
    stop();
    clearInterval(heartbeat);
  };
}

function subjectOf(event: PoolEvent): string | undefined {
  if (event.type.startsWith('chain.') && 'chainId' in event) return event.chainId;
  return event.type.startsWith('task.') && 'taskId' in event ? event.taskId : undefined;
}

function lineOf(event: PoolEvent, id: string): string {
  const [, change = ''] = event.type.split('.');
  const step = 'step' in event && event.step !== undefined ? ` ${event.step}` : '';
  const slot = 'slotId' in event && event.slotId !== undefined ? ` on ${event.slotId}` : '';
  return `${id} ${change}${step}${slot}`;
}
