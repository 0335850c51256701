import { expect, test } from 'vitest';
import { isBroken, streakAfter } from '../../machines/breaker.ts';
import type { Streak } from '../../machines/floor.ts';
import { verdictOf } from '../../machines/verdict.ts';
import type { Evidence } from '../../machines/types.ts';
import { ANSWERED, CRASHED, OUT_OF_TURNS, RATE_LIMITED } from './attempt.ts';

const HUNG: Evidence = { interruption: 'silence' };

test('tasks in a row that end alike make a streak', () => {
  const streak = after([
    ['a', CRASHED],
    ['b', CRASHED],
    ['c', CRASHED],
  ]);

  expect(streak).toEqual({ verdict: 'crashed', tasks: ['a', 'b', 'c'] });
});

test('a task counts once in a streak, however often it is tried', () => {
  const streak = after([
    ['a', CRASHED],
    ['b', CRASHED],
    ['a', CRASHED],
    ['b', CRASHED],
  ]);

  expect(streak).toEqual({ verdict: 'crashed', tasks: ['a', 'b'] });
});

test('another bad verdict begins a streak of its own', () => {
  const streak = after([
    ['a', CRASHED],
    ['b', CRASHED],
    ['c', HUNG],
  ]);

  expect(streak).toEqual({ verdict: 'hung', tasks: ['c'] });
});

test.each([
  ['an answer', ANSWERED],
  ["what is the task's own fault", OUT_OF_TURNS],
  ['a usage limit, which parks the pool by itself,', RATE_LIMITED],
  ['a cancel', { interruption: 'cancelled' }],
] as const)('%s ends a streak', (_what, evidence) => {
  expect(
    after([
      ['a', CRASHED],
      ['b', evidence],
    ]),
  ).toBeUndefined();
});

test('as many tasks as `breakAfter` break the circuit, and `0` never does', () => {
  const streak: Streak = { verdict: 'crashed', tasks: ['a', 'b', 'c'] };

  expect([4, 3, 2, 0].map((breakAfter) => isBroken(streak, breakAfter))).toEqual([false, true, true, false]);
  expect(isBroken(undefined, 1)).toBe(false);
});

function after(ends: readonly (readonly [taskId: string, evidence: Evidence])[]): Streak | undefined {
  return ends.reduce<Streak | undefined>(
    (streak, [taskId, evidence]) => streakAfter(streak, { taskId, verdict: verdictOf(evidence) }),
    undefined,
  );
}
