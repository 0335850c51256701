import { access, readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test, vi } from 'vitest';
import { fakePool } from './stage.ts';
import { bash, site, workOf } from './worktree-stage.ts';

test('two pools with one name do not meet: the second does not start', async () => {
  const { options } = await site();
  await using stage = await fakePool({ rules: [] }, { ...options, slots: 1, worktree: true, name: 'team' });

  const second = fakePool(
    { rules: [] },
    { ...options, slots: 1, worktree: true, name: 'team', maxRestarts: 0 },
  );

  await expect(second).rejects.toMatchObject({
    code: 'WORKTREE',
    message: expect.stringContaining('Give this pool another name'),
  });
  expect(await stage.pool.run('hello')).toMatchObject({ verdict: 'succeeded' });
});

test('pools without a name work beside each other in one repository', async () => {
  const { options } = await site();
  await using one = await fakePool(
    { rules: [bash('go', 'echo 1 > x')] },
    { ...options, slots: 1, worktree: true },
  );
  await using two = await fakePool(
    { rules: [bash('go', 'echo 2 > x')] },
    { ...options, slots: 1, worktree: true },
  );

  const results = await Promise.all([one.pool.run('go'), two.pool.run('go')]);

  expect(new Set(results.map((result) => workOf(result).branch)).size).toBe(2);
});

test('with `workspace: task` each task has a worktree of its own, which goes when the task has ended', async () => {
  const { git, options } = await site();
  const rules = [bash('work', 'pwd > where.txt')];
  await using stage = await fakePool({ rules }, { ...options, slots: 1, workspace: 'task' });

  const outcomes = await stage.pool.fanOut(['work 1', 'work 2']);
  const results = outcomes.map((outcome) => (outcome.status === 'completed' ? outcome.result : undefined));
  await vi.waitFor(async () => {
    expect((await stage.pool.workspaces.list()).worktrees.map(({ id }) => id)).toEqual([outcomes[1]?.taskId]);
  }, 10_000);
  await stage.pool.drain();

  const works = results.map((result) => result && workOf(result));
  expect(works.map((work) => work?.id)).toEqual(outcomes.map(({ taskId }) => taskId));
  for (const work of works) {
    expect(await git('show', `${work?.preservedRef}:where.txt`)).toBe(work?.path);
  }
  expect((await stage.pool.workspaces.list()).worktrees).toEqual([]);
  expect(await git('branch', '--list', 'claude-pool/*')).toBe('');
});

test('B6: the steps of a chain share its worktree, and the next task of the slot takes up none of its conversation', async () => {
  const { git, home, options } = await site();
  const rules = [
    bash('step one', 'echo from one > one.txt'),
    bash('step two', 'cat one.txt > two.txt; pwd >> two.txt'),
    bash('plain', `pwd > ${path.join(home, 'plain.txt')}`),
  ];
  await using stage = await fakePool({ rules }, { ...options, slots: 1, worktree: true });
  const before = await stage.pool.run('plain 1');
  const chain = await stage.pool.runChain([
    { name: 'one', prompt: 'step one', options: { workspace: 'chain' } },
    { name: 'two', prompt: 'step two', options: { workspace: 'chain' } },
  ]);

  const after = await stage.pool.run('plain 2');

  const [one, two] = chain.steps.map(({ taskIds }) => stage.pool.task(taskIds[0] ?? '').result);
  expect(chain.state).toBe('completed');
  expect(two?.workspace?.id).toBe(chain.id);
  expect(await git('show', `${two?.workspace?.preservedRef}:two.txt`)).toBe(
    `from one\n${one?.workspace?.path}`,
  );
  expect(await readFile(path.join(home, 'plain.txt'), 'utf8')).toBe(`${workOf(before).path}\n`);
  expect([one?.sessionId, two?.sessionId]).not.toContain(after.sessionId);
  await stage.pool.drain();
  await expect(access(one?.workspace?.path ?? '')).rejects.toThrow('ENOENT');
});
