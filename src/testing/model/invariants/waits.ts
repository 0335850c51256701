import { isPoolAlarm } from '../../../../machines/alarms.ts';
import { vainReason } from '../../../../machines/in-vain.ts';
import { waiting } from '../../../../machines/lanes.ts';
import { openTime } from '../../../../machines/patience.ts';
import { inOrder } from '../../../../machines/queue.ts';
import { dispatch, probe } from '../../../../machines/schedule.ts';
import type { Sight } from './sight.ts';

/** 3. Who waits is where his state says, and nowhere else. */
export function brokenWaits({ floor, tasks, at, lateMs, isKeeping }: Sight): readonly string[] {
  if (isKeeping) return [];
  const broken: string[] = [];
  const inLanes = waiting(floor).map(({ id }) => id);
  const lanes = new Set(inLanes);
  if (lanes.size < inLanes.length) broken.push('3: a task waits in two lanes');
  const alarms = new Map(
    [...inOrder(floor.alarms)].flatMap((entry) => (isPoolAlarm(entry) ? [] : [[entry.id, -entry.priority]])),
  );
  for (const [id, { state, wait, context }] of tasks) {
    if ((wait === 'ready') !== lanes.has(id))
      broken.push(`3: task ${id} is ${wait ?? state} and ${lanes.has(id) ? '' : 'not '}in a lane`);
    const isTimed = wait === 'backingOff' || wait === 'parked';
    if (isTimed !== alarms.has(id) || (isTimed && alarms.get(id) !== context.until))
      broken.push(`3: task ${id} is ${wait ?? state} until ${context.until}, alarm at ${alarms.get(id)}`);
    if (isTimed && (context.until ?? 0) < at - lateMs)
      broken.push(`3: task ${id} is ${wait} since its time ${at - (context.until ?? 0)} ms ago`);
    lanes.delete(id);
    alarms.delete(id);
  }
  for (const id of [...lanes, ...alarms.keys()]) broken.push(`3: unknown task ${id} waits`);
  const due = [...inOrder(floor.deadlines)];
  for (const { id, priority, entry } of due) {
    if (!inLanes.includes(id)) broken.push(`3: task ${id} has a deadline and no lane`);
    if (-priority !== entry.giveUpAt || -priority < openTime(floor, at) - lateMs)
      broken.push(`3: the deadline of ${id} was ${openTime(floor, at) + priority} ms ago`);
  }
  return broken;
}

/** 3. Nobody waits for what he could have, or for what can never come. */
export function stuckWaits({ floor, status: { state, limit }, at }: Sight): readonly string[] {
  if (state !== 'open' && state !== 'starting')
    return waiting(floor).map(({ id }) => `3: task ${id} waits for a slot of a pool that is ${state}`);
  const offered = limit.state === 'clear' ? dispatch(floor, at) : probe(floor, at);
  const isStuck = limit.state !== 'parked' && state === 'open' && offered.orders.length > 0;
  const vain = waiting(floor).filter((entry) => vainReason(floor, entry) !== undefined);
  return [
    ...(isStuck ? [`3: ${limit.state}, yet nobody did ${JSON.stringify(offered.orders[0]?.event)}`] : []),
    ...vain.map(({ id }) => `3: task ${id} waits in vain`),
  ];
}
