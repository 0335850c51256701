import type { Pool, PoolEvent } from '../../index.ts';
import type { News } from './desk.ts';
import { titleOf } from './title-of.ts';

type WorkEvent = Extract<PoolEvent, { readonly type: `task.${string}` | `chain.${string}` }>;

/** What happens to tasks and chains, from the call on. */
export function newsOf(pool: Pool, signal: AbortSignal | undefined): AsyncIterable<News> {
  const events = pool.events(signal === undefined ? {} : { signal });
  return told(events, (event) => newsAbout(pool, event));
}

async function* told(
  events: AsyncIterable<PoolEvent>,
  tell: (event: WorkEvent) => News,
): AsyncGenerator<News> {
  for await (const event of events) if (isOfWork(event)) yield tell(event);
}

function isOfWork(event: PoolEvent): event is WorkEvent {
  return event.type.startsWith('task.') || event.type.startsWith('chain.');
}

function newsAbout(pool: Pool, event: WorkEvent): News {
  const { at, spendUsd, reason } = event;
  const id = 'taskId' in event ? event.taskId : event.chainId;
  const step = 'step' in event && event.step !== undefined ? event.step : undefined;
  return {
    at,
    id,
    title: step ?? titleOf(pool, id),
    change: event.type.slice(event.type.indexOf('.') + 1),
    spendUsd,
    ...('slotId' in event && event.slotId !== undefined && { slotId: event.slotId }),
    ...('until' in event && event.until !== undefined && { until: event.until }),
    ...(reason !== undefined && { reason }),
  };
}
