import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { isEnded } from '../../machines/task-record.ts';
import type { TaskChange } from '../../machines/directory-types.ts';
import type { Evidence } from '../../machines/types.ts';
import { ANSWERED, CRASHED, endOf, RATE_LIMITED } from './attempt.ts';
import { poolStage } from './pool-stage.ts';

const REVIEW = { review: { maxRejections: 2 } };

const evidence = fc.constantFrom<Evidence>(ANSWERED, ANSWERED, CRASHED, RATE_LIMITED);
const which = fc.nat();
const move = fc.oneof(
  fc.record({ type: fc.constant('submit' as const), isReviewed: fc.boolean() }),
  fc.record({ type: fc.constantFrom('cancel' as const, 'approve' as const, 'reject' as const), which }),
  fc.record({ type: fc.constant('settle' as const), which, evidence }),
  fc.record({ type: fc.constant('crash' as const), which }),
  fc.record({ type: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 40_000 }) }),
);

test('however cancels race with results, every task ends once, in one way, and stays so', () => {
  fc.assert(
    fc.property(fc.array(move, { maxLength: 60 }), fc.nat({ max: 3 }), (moves, liveTasks) => {
      const ends = new Map<string, string[]>();
      const stage = poolStage({ slots: [{}, {}], isDeaf: true, directory: { liveTasks, observe: noteEnd } });
      const { clock, running } = stage;
      const ids: string[] = [];

      function noteEnd({ task: { state, context } }: TaskChange): void {
        if (isEnded(state)) ends.set(context.id, [...(ends.get(context.id) ?? []), state]);
      }

      for (const next of moves) {
        const chosen = 'which' in next ? next.which : 0;
        const id = ids[chosen % Math.max(1, ids.length)] ?? '';
        const busy = running()[chosen % Math.max(1, running().length)];
        if (next.type === 'submit') {
          ids.push(`t${ids.length}`);
          stage.submit(ids.at(-1) ?? '', next.isReviewed ? REVIEW : {});
        }
        if (next.type === 'cancel') stage.cancel(id);
        if (next.type === 'approve') stage.approve(id);
        if (next.type === 'reject') stage.reject(id, 'No.');
        if (next.type === 'settle' && busy !== undefined) stage.settle(busy, next.evidence, 1);
        if (next.type === 'crash') stage.crash(`slot-${chosen % 2}`);
        if (next.type === 'wait') clock.increment(next.ms);
      }
      for (const id of ids) stage.cancel(id);
      for (const id of running()) stage.settle(id, CRASHED, 1);

      expect(Object.fromEntries(ends)).toEqual(Object.fromEntries(ids.map((id) => [id, [stage.task(id)]])));
      expect(stage.floor().ledger.reserved).toBe(0);
      expect(stage.floor().reviews).toBe(0);
    }),
    { numRuns: 300 },
  );
});

test('B2: what comes late for a cancelled task is booked, and revives nothing', () => {
  const { submit, settle, cancel, tell, task, context, floor } = poolStage({ isDeaf: true });
  submit('a');
  cancel('a');
  settle('a', CRASHED, 5);
  const ended = context('a');

  tell('a', { type: 'task.assigned', slotId: 'slot-0', at: 9 });
  tell('a', { type: 'task.wake', at: 9 });
  tell('a', { type: 'attempt.ended', generation: 0, at: 9, chance: 0, ...endOf(ANSWERED, 7) });
  tell('a', { type: 'attempt.ended', generation: 1, at: 9, chance: 0, ...endOf(ANSWERED, 7) });

  expect([task('a'), context('a')]).toEqual(['cancelled', ended]);
  expect(ended).toMatchObject({ slotId: 'slot-0', startedAt: 0, spend: 5 });
  expect(floor().ledger).toMatchObject({ spent: 5, reserved: 0 });
});

test('a task can be cancelled while it is ready, backs off, is parked, runs or waits for review', () => {
  const stage = poolStage({ slots: [{}, {}, {}, {}], limitBackoffMs: 90_000 });
  const { submit, settle, cancel, task, context, floor, running } = stage;
  for (const id of ['backingOff', 'parked', 'running']) submit(id);
  submit('inReview', REVIEW);
  submit('ready');
  settle('inReview');
  settle('backingOff', CRASHED);
  settle('parked', RATE_LIMITED);
  const ids = ['ready', 'backingOff', 'parked', 'running', 'inReview'];
  submit('late');
  const before = [...ids, 'late'].map(task);

  for (const id of [...ids, 'late']) cancel(id);
  for (const id of [...ids, 'late']) cancel(id);

  expect(before).toEqual(['running', 'backingOff', 'parked', 'running', 'pendingReview', 'ready']);
  expect([...ids, 'late'].map(task)).toEqual(Array.from({ length: 6 }, () => 'cancelled'));
  expect(context('late')).toMatchObject({ generation: 0, spend: 0, reason: { code: 'CANCELLED' } });
  expect([running(), floor().reviews, floor().ledger.reserved]).toEqual([[], 0, 0]);
  expect(Object.keys(floor().lanes)).toEqual([]);
});

test('a cancelled task whose answer was there already is completed, and says nothing of a cancellation', () => {
  const { submit, settle, cancel, task, context } = poolStage({ isDeaf: true });
  submit('a');

  cancel('a');
  settle('a', ANSWERED, 4);

  expect(task('a')).toBe('completed');
  expect(context('a')).toMatchObject({ spend: 4, verdict: { name: 'succeeded' }, reason: undefined });
});

test('a cancelled task whose answer was there already is not completed without its review', () => {
  const { submit, settle, cancel, task, context, floor } = poolStage({ isDeaf: true });
  submit('a', REVIEW);

  cancel('a');
  settle('a', ANSWERED, 4);

  expect([task('a'), floor().reviews]).toEqual(['cancelled', 0]);
  expect(context('a')).toMatchObject({ spend: 4, reason: { code: 'CANCELLED' } });
});

test('a cancelled attempt that ends in a usage limit is not tried again', () => {
  const { submit, settle, cancel, task, clock, turns } = poolStage({ isDeaf: true });
  submit('a');

  cancel('a');
  settle('a', RATE_LIMITED);
  clock.increment(100_000);

  expect([task('a'), turns.length]).toEqual(['cancelled', 1]);
});
