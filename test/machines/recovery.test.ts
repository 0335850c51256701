import { expect, test } from 'vitest';
import { openTask } from '../../machines/task.ts';
import { recovered } from '../../machines/recovery.ts';
import type { Finding, RecoveryPolicy } from '../../machines/recovery.ts';
import type { TaskContext } from '../../machines/task-types.ts';
import { taskInput } from './pool-stage.ts';

test.each([
  { began: false, spend: undefined, charged: 0, estimated: false, known: 'never begun' },
  { began: true, spend: 40, charged: 40, estimated: true, known: 'what it spent' },
  { began: true, spend: 0, charged: 100, estimated: true, known: 'nothing of what it spent' },
  { began: true, spend: undefined, charged: 100, estimated: true, known: 'only that it began' },
  { began: undefined, spend: undefined, charged: 100, estimated: true, known: 'nothing at all' },
])('an attempt of which is known $known is charged $charged', ({ began, spend, charged, estimated }) => {
  const { task } = recover({ began, spend });

  expect(task.context).toMatchObject({ spend: charged, spendEstimated: estimated, generation: 1 });
});

test.each([
  {
    policy: 'resume',
    finding: { began: true, sessionId: 'abc' },
    next: 'ready',
    resumption: { sessionId: 'abc' },
  },
  { policy: 'resume', finding: { began: true }, next: 'ready', resumption: undefined },
  { policy: 'resume', finding: { began: false, sessionId: 'abc' }, next: 'ready', resumption: undefined },
  { policy: 'retry', finding: { began: true, sessionId: 'abc' }, next: 'ready', resumption: undefined },
  { policy: 'fail', finding: { began: false }, next: 'ready', resumption: undefined },
  { policy: 'resume', finding: {}, next: 'pendingReview', resumption: undefined },
] as const)('with $policy, $finding leads to $next', ({ policy, finding, next, resumption }) => {
  const { task, ending } = recover(finding, { policy });

  expect([task.wait ?? task.state, task.context.resumption, ending]).toEqual([next, resumption, undefined]);
});

test('a task that began fails where it must not be tried again', () => {
  expect(recover({ began: true }, { policy: 'fail' }).ending).toMatchObject({
    type: 'task.fail',
    reason: { code: 'TASK_FAILED' },
  });
});

test.each([
  { capMicros: 100, code: 'BUDGET_EXCEEDED' },
  { capMicros: 101, code: undefined },
])('a task that was cut off and charged 100 of $capMicros goes on only with what is left', (row) => {
  const options = { capMicros: row.capMicros };

  const { task, ending } = recover({ began: true }, { context: { options } });

  expect([task.context.spend, ending?.reason.code]).toEqual([100, row.code]);
});

test('a task that was being cancelled is cancelled, whatever it did', () => {
  const reason = { code: 'CANCELLED', message: 'Not wanted any more.' } as const;

  expect(recover({ began: true }, { context: { reason } }).ending).toEqual({
    type: 'task.cancel',
    reason,
    at: 9,
  });
});

function recover(
  finding: Finding,
  {
    policy = 'resume',
    context = {},
  }: { readonly policy?: RecoveryPolicy; readonly context?: Partial<TaskContext> } = {},
) {
  const task = openTask(taskInput('a', { seq: 1, at: 0, options: {} }));
  return recovered(
    { state: 'running', context: { ...task, ...context } },
    { finding, policy, reserved: 100, at: 9 },
  );
}
