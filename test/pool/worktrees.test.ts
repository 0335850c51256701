import { access, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test, vi } from 'vitest';
import { createPool } from 'claude-pool';
import { eventOf, fakePool } from './stage.ts';
import { bash, site, workOf } from './worktree-stage.ts';

test('a task in a worktree tells what it did there, and the checkout of the user stays as it was', async () => {
  const { git, write, checkout, options } = await site();
  await write('a.txt', 'not committed\n');
  await git('add', 'a.txt');
  await write('notes.txt', 'untracked\n');
  const before = await checkout();
  const base = await git('rev-parse', 'HEAD');
  const rules = [
    bash(
      'work',
      'echo more >> a.txt; git commit -qam "More of a"',
      'echo new > c.txt; cat notes.txt || true',
    ),
  ];
  await using stage = await fakePool({ rules }, { ...options, slots: 1, worktree: true, name: 'team' });

  const result = await stage.pool.run('work');

  const work = workOf(result);
  expect(work).toEqual({
    id: 'slot-0',
    path: expect.stringMatching(/\/worktrees\/repository-[0-9a-f]{8}\/team\/slot-0$/),
    branch: 'claude-pool/team/slot-0',
    base,
    commits: [expect.stringMatching(/^[0-9a-f]{40}$/)],
    filesChanged: [
      { path: 'a.txt', added: 1, deleted: 0 },
      { path: 'c.txt', added: 1, deleted: 0 },
    ],
    diffStat: expect.stringContaining('2 files changed'),
    dirty: true,
    preservedRef: `refs/claude-pool/preserved/${result.taskId}/1`,
    missing: ['a.txt', 'notes.txt'],
  });
  expect(await stage.pool.diff(result.taskId)).toContain('+more');
  expect(await checkout()).toEqual(before);
});

test('the next task of a slot starts clean at the base, and what the last one left can be brought back', async () => {
  const { git, options } = await site();
  const rules = [
    bash('first', 'echo one > one.txt; rm b.txt'),
    bash('second', 'ls > seen.txt; git status --porcelain >> seen.txt'),
  ];
  await using stage = await fakePool({ rules }, { ...options, slots: 1, worktree: true });
  const first = await stage.pool.run('first');

  const second = await stage.pool.run('second');

  const ref = workOf(first).preservedRef ?? '';
  const seen = await git('show', `${workOf(second).preservedRef}:seen.txt`);
  expect(seen.split('\n')).toEqual(['a.txt', 'b.txt', 'seen.txt', '?? seen.txt']);
  const { preserved } = await stage.pool.workspaces.list();
  expect(new Set(preserved.map(({ task }) => task))).toEqual(new Set([first.taskId, second.taskId]));
  expect(preserved.find(({ task }) => task === first.taskId)?.ref).toBe(ref);
  expect(await stage.pool.workspaces.diff(ref)).toContain('+one');
  await stage.pool.workspaces.restore(ref, { branch: 'rescued' });
  expect(await git('show', 'rescued:one.txt')).toBe('one');
});

test('a task that is tried again on another slot goes on with what it had done', async () => {
  const { git, options } = await site();
  const rules = [
    {
      when: 'fragile',
      times: 1,
      answers: [
        {
          toolUse: {
            name: 'Bash',
            input: { command: 'echo changed > a.txt; git commit -qam A; echo half > half.txt' },
          },
        },
        { crash: 'beforeResult' as const },
      ],
    },
    bash('fragile', 'git log -1 --format=%s > log.txt; git status --porcelain > status.txt'),
    { when: 'long', answers: [{ text: 'long', delayMs: 60_000 }] },
  ];
  await using stage = await fakePool({ rules }, { ...options, slots: 2, worktree: true });
  const id = await stage.pool.submit('fragile', { session: 'fresh' });
  const left = await eventOf(stage, ({ type }) => type === 'task.backingOff');
  const { slotId } = stage.pool.task(id);
  await stage.pool.submit('long', { priority: 1, slot: { id: slotId ?? '' } });
  await eventOf(
    stage,
    (event) => event.type === 'task.running' && event.seq > left.seq && event.slotId === slotId,
  );

  const result = await stage.pool.wait(id);

  const work = workOf(result);
  expect(work.id).not.toBe(slotId);
  expect(await git('show', `${work.preservedRef}:log.txt`)).toBe('A');
  expect(await git('show', `${work.preservedRef}:status.txt`)).toContain('?? half.txt');
  expect(work.filesChanged.map((file) => file.path)).toEqual(['a.txt', 'half.txt', 'log.txt', 'status.txt']);
});

test('a rejected task goes on in its worktree as it is', async () => {
  const { git, write, options } = await site();
  await write('.gitignore', 'cache\n');
  await git('add', '.');
  await git('commit', '-qm', 'ignore');
  const rules = [
    bash('rejected', 'cat cache draft.txt > seen.txt'),
    bash('draft', 'echo kept > cache; echo one > draft.txt'),
  ];
  await using stage = await fakePool({ rules }, { ...options, slots: 1, worktree: true });
  const id = await stage.pool.submitWithReview('draft');
  await eventOf(stage, ({ type }) => type === 'task.pendingReview');

  await stage.pool.rejectResult(id, 'Look again.');
  await eventOf(
    stage,
    (event) =>
      event.type === 'task.pendingReview' &&
      stage.pool.task(id).attempts === 1 &&
      stage.pool.task(id).feedback.length === 1,
  );

  const result = await stage.pool.approveResult(id);
  expect(await git('show', `${workOf(result).preservedRef}:seen.txt`)).toBe('kept\none');
});

test('a folder that is no repository is refused when the pool starts', async () => {
  const { home, options } = await site();

  const start = createPool({ ...options, repository: home, worktree: true });

  await expect(start).rejects.toMatchObject({
    code: 'WORKTREE',
    message: expect.stringContaining(`Expected \`${home}\` to be a git repository`),
  });
});

test('B17: a worktree whose folder is gone and whose branch is left does not keep a pool from starting', async () => {
  const { git, options } = await site();
  const pool = { ...options, slots: 1, worktree: true, name: 'team' };
  const rules = [bash('work', 'echo lost > lost.txt; git add .; git commit -qm lost')];
  await git('branch', 'claude-pool/team/slot-0', await commitOn(git, 'left behind'));

  await using stage = await fakePool({ rules }, pool);
  const result = await stage.pool.run('work');
  await rm(workOf(result).path, { recursive: true });

  expect(await stage.pool.run('work')).toMatchObject({ verdict: 'succeeded', attempts: 2 });
  await stage.pool.drain();
  await using again = await fakePool({ rules }, pool);
  expect(await again.pool.run('work')).toMatchObject({ verdict: 'succeeded' });
  const { preserved } = await again.pool.workspaces.list();
  expect(preserved.map(({ ref }) => ref)).toContain('refs/claude-pool/preserved/slot-0/1.branch');
});

test('B18: scaling down while a task works takes neither its folder nor its work nor its spend', async () => {
  const { git, options } = await site();
  const rules = [
    bash('work', 'touch ready; until [ -e go ]; do read -t 0.02 <> <(:) || :; done; pwd > where.txt'),
  ];
  await using stage = await fakePool({ rules }, { ...options, slots: 2, worktree: true });
  const ids = await Promise.all(['work 1', 'work 2'].map((prompt) => stage.pool.submit(prompt)));
  const { worktrees } = await stage.pool.workspaces.list();

  await vi.waitFor(
    () => Promise.all(worktrees.map((worktree) => access(path.join(worktree.path, 'ready')))),
    5_000,
  );
  stage.pool.scaleDown(1);
  await Promise.all(worktrees.map((worktree) => writeFile(path.join(worktree.path, 'go'), '')));
  const results = await Promise.all(ids.map((id) => stage.pool.wait(id)));

  const places = await Promise.all(
    results.map((result) => git('show', `${workOf(result).preservedRef}:where.txt`)),
  );
  expect(places).toEqual(results.map((result) => workOf(result).path));
  expect(stage.pool.status().spendUsd).toBeCloseTo(
    results.reduce((sum, { spendUsd }) => sum + spendUsd, 0),
    6,
  );
});

test('a task whose worktree cannot be made fails after its retries, and never runs in the checkout of the user', async () => {
  const { home, checkout, options } = await site();
  await writeFile(path.join(home, 'file'), '');
  const before = await checkout();
  await using stage = await fakePool(
    { rules: [bash('work', 'echo stray > stray.txt')] },
    { ...options, worktreeDir: path.join(home, 'file', 'below'), slots: 1 },
  );

  const end = stage.pool.run('work', { workspace: 'task', retries: 1 });

  await expect(end).rejects.toMatchObject({ code: 'WORKTREE', verdict: 'incomplete' });
  expect(stage.pool.tasks()).toMatchObject([{ state: 'failed', attempts: 2 }]);
  expect(await checkout()).toEqual(before);
  expect(await stage.pool.run('hello')).toMatchObject({ verdict: 'succeeded' });
});

test('with `tellMissing` Claude hears once what is not committed and therefore not in its worktree', async () => {
  const { write, options } = await site();
  await write('a.txt', 'not committed\n');
  await using stage = await fakePool(
    { rules: [] },
    { ...options, slots: 1, worktree: true, tellMissing: true },
  );

  const { output } = await stage.pool.run('hello');

  expect(output).toContain('hello');
  expect(output).toContain('not in it:\n- a.txt');
});

test('a drained pool leaves no worktree and no branch behind, and all work in its refs', async () => {
  const { git, options } = await site();
  const rules = [bash('work', 'echo x > x.txt')];
  await using stage = await fakePool({ rules }, { ...options, slots: 2, worktree: true });
  const results = await Promise.all([stage.pool.run('work 1'), stage.pool.run('work 2')]);

  const summary = await stage.pool.drain();

  expect(summary.keptWorktrees).toBeUndefined();
  expect(await git('worktree', 'list')).not.toContain('slot-');
  expect(await git('branch', '--list', 'claude-pool/*')).toBe('');
  const refs = await git('for-each-ref', '--format=%(refname)', 'refs/claude-pool');
  expect(new Set(refs.split('\n'))).toEqual(new Set(results.map((result) => workOf(result).preservedRef)));
});

function commitOn(git: (...args: string[]) => Promise<string>, message: string): Promise<string> {
  return git('commit-tree', 'HEAD^{tree}', '-p', 'HEAD', '-m', message);
}
