import { expect, test } from 'vitest';
import { isSameLaunch, launchFor, turnFor } from '../../machines/launch.ts';
import type { LaunchGround } from '../../machines/launch.ts';
import { recovered } from '../../machines/recovery.ts';
import { openTask } from '../../machines/task.ts';
import { entryOf } from '../../machines/task-entry.ts';
import type { TaskContext, TaskOptions } from '../../machines/task-types.ts';
import type { WorkReport } from '../../machines/types.ts';

const ground: LaunchGround = {
  id: 'slot-1',
  settings: { permissionMode: 'acceptEdits', workspace: 'slot' },
  identity: {},
  shared: {},
};

test('a slot with a workspace opens in its own, and its tasks share the process', () => {
  const base = launchFor(ground);
  const task = launchFor(ground, {
    taskId: 'task-a',
    generation: 0,
    prompt: 'Go.',
    settings: { workspace: 'slot' },
  });

  expect(base).toEqual({ permissionMode: 'acceptEdits', slotId: 'slot-1', workspace: 'slot-1' });
  expect(isSameLaunch(base, task)).toBe(true);
});

test('a task with a workspace of its own needs a process of its own', () => {
  const task = launchFor(ground, {
    taskId: 'task-a',
    generation: 0,
    prompt: 'Go.',
    settings: { workspace: 'task-a' },
  });

  expect(task).toEqual({ permissionMode: 'acceptEdits', slotId: 'slot-1', workspace: 'task-a' });
  expect(isSameLaunch(launchFor(ground), task)).toBe(false);
});

test('a turn carries what the task has done so far', () => {
  expect(turnFor({ taskId: 'task-a', generation: 1, prompt: 'Go on.', work: WORK })).toEqual({
    taskId: 'task-a',
    generation: 1,
    prompt: 'Go on.',
    work: WORK,
  });
});

test('a conversation in the workspace of a slot is gone on with on that slot only', () => {
  const { task } = recovered(running({ workspace: 'slot' }), CUT_OFF);
  const { task: elsewhere } = recovered(running({ workspace: 'task' }), CUT_OFF);

  expect(entryOf(task.context)).toMatchObject({ resume: 'session-1', slot: { id: 'slot-1' } });
  expect(entryOf(elsewhere.context).slot).toBeUndefined();
});

test('a task whose slot is not there any more is tried anew', () => {
  const { task } = recovered(running({ workspace: 'slot' }), { ...CUT_OFF, slotIds: ['slot-0'] });

  expect(task).toMatchObject({ state: 'pending', wait: 'ready', context: { attempts: 1 } });
  expect(entryOf(task.context)).toEqual({ id: 'task-a', priority: 0, seq: 1, kind: '{"workspace":"slot"}' });
});

const WORK: WorkReport = {
  id: 'slot-1',
  path: '/worktrees/slot-1',
  branch: 'claude-pool/main/slot-1',
  base: 'b'.repeat(40),
  commits: [],
  filesChanged: [],
  diffStat: '',
  dirty: true,
  preservedRef: 'refs/claude-pool/preserved/task-a/1',
  missing: [],
};

const CUT_OFF = {
  finding: { began: true, sessionId: 'session-1', spend: 100 },
  policy: 'resume',
  reserved: 0,
  slotIds: ['slot-0', 'slot-1'],
  at: 10,
} as const;

function running(options: TaskOptions): { readonly state: 'running'; readonly context: TaskContext } {
  const input = { id: 'task-a', prompt: 'Go.', options, seq: 1, submittedAt: 0 };
  return { state: 'running', context: { ...openTask(input), slotId: 'slot-1', startedAt: 1 } };
}
