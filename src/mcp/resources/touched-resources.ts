import type { PoolEvent } from '../../index.ts';

/** The resources that an event has changed. */
export function touchedResources(event: PoolEvent): readonly string[] {
  const [noun = ''] = event.type.split('.');
  if (noun === 'context') return ['pool://context'];
  const touched = ['pool://status'];
  if (noun === 'task' || noun === 'budget' || noun === 'chain') touched.push('pool://budget');
  if (noun === 'slot' || event.type === 'pool.scaled') touched.push('pool://slots');
  if ('taskId' in event && event.taskId !== undefined) touched.push(`pool://results/${event.taskId}`);
  if ('slotId' in event && event.slotId !== undefined) touched.push(`pool://slots/${event.slotId}`);
  if ('chainId' in event) {
    touched.push(`pool://chains/${event.chainId}`, `pool://results/${event.chainId}`);
  }
  return touched;
}
