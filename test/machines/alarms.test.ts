import { expect, test } from 'vitest';
import { dropAlarm, poolAlarm, ring, setAlarm, surplusAlarm } from '../../machines/alarms.ts';
import type { Step } from '../../machines/floor.ts';
import { alarms, AT, crowd, deliveries, floorOf, waiter } from './floor-stage.ts';

test('the one alarm is set for the earliest time, and anew only when that changes', () => {
  const steps = [30, 20, 40].reduce<readonly Step[]>(
    (done, time) => [...done, setAlarm(done.at(-1)?.floor ?? floorOf([]), alarm(time))],
    [],
  );

  const dropped = dropAlarm(steps.at(-1)?.floor ?? floorOf([]), alarm(20));

  expect(steps.map(({ orders }) => alarms(orders))).toEqual([[30], [20], []]);
  expect(alarms(dropped.orders)).toEqual([30]);
});

test('the last alarm that is dropped clears the timer', () => {
  const { floor } = setAlarm(floorOf([]), alarm(20));

  expect(dropAlarm(floor, alarm(20)).orders).toEqual([{ to: 'alarm', event: { type: 'alarm.clear' } }]);
});

test('an alarm wakes all who are due, in their order, and is set for the next', () => {
  const floor = [30, 10, 20].reduce((before, time) => setAlarm(before, alarm(time)).floor, floorOf([]));

  const { floor: after, orders } = ring(floor, 20);

  expect(deliveries(orders)).toEqual([
    ['task-10', 'task.wake'],
    ['task-20', 'task.wake'],
  ]);
  expect(alarms(orders)).toEqual([30]);
  expect(deliveries(ring(after, 29).orders)).toEqual([]);
});

test('an alarm of the pool itself wakes no task', () => {
  const { floor } = setAlarm(floorOf([]), poolAlarm(10));

  expect(deliveries(ring(floor, 10).orders)).toEqual([]);
});

test('alarms of the pool for its reopening and for its surplus stand beside each other', () => {
  const { floor } = setAlarm(setAlarm(floorOf([]), poolAlarm(30)).floor, surplusAlarm(30));

  expect(alarms(dropAlarm(floor, poolAlarm(30)).orders)).toEqual([]);
  expect(dropAlarm(dropAlarm(floor, poolAlarm(30)).floor, surplusAlarm(30)).orders).toEqual([
    { to: 'alarm', event: { type: 'alarm.clear' } },
  ]);
});

test('the one alarm serves those who wait for a time and those who wait for a slot until a time', () => {
  const patient = crowd(floorOf(['busy']), [waiter('a', 1, { patienceMs: 10 })]);

  const { floor, orders } = setAlarm(patient, alarm(AT + 5));

  expect(alarms(orders)).toEqual([AT + 5]);
  expect(alarms(ring(floor, AT + 5).orders)).toEqual([AT + 10]);
});

test('an alarm that rings before its time is set again', () => {
  const { floor } = setAlarm(floorOf([]), alarm(20));

  expect(ring(floor, 19)).toEqual({ floor, orders: [{ to: 'alarm', event: { type: 'alarm.set', at: 20 } }] });
});

function alarm(time: number) {
  return { id: `task-${time}`, priority: -time, seq: time };
}
