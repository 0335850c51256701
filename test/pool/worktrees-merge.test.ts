import { expect, test, vi } from 'vitest';
import { fakePool } from './stage.ts';
import { HELLO, bash, reviewStage, reviewed, site } from './worktree-stage.ts';

for (const merge of ['ff', 'merge', 'squash', 'rebase'] as const) {
  test(`approving with \`merge: ${merge}\` brings the work into the branch that is checked out, then completes the task`, async () => {
    const place = await site();
    await using stage = await reviewStage(place, { rules: [HELLO] });
    const id = await reviewed(stage, 'hello');

    const result = await stage.pool.approveResult(id, { merge });

    expect(result.verdict).toBe('succeeded');
    expect(await place.git('show', 'main:hello.txt')).toBe('hello');
    expect(await place.git('status', '--porcelain')).toBe('');
    expect(stage.pool.task(id).state).toBe('completed');
  });
}

test('work that Claude has not committed is merged too', async () => {
  const place = await site();
  await using stage = await reviewStage(place, { rules: [bash('loose', 'echo loose > loose.txt')] });
  const id = await reviewed(stage, 'loose');

  await stage.pool.approveResult(id, { merge: 'squash', message: 'Add what is loose' });

  expect(await place.git('show', 'main:loose.txt')).toBe('loose');
  expect(await place.git('log', '-1', '--format=%s', 'main')).toBe('Add what is loose');
});

test('a task without any work is approved and merges nothing', async () => {
  const place = await site();
  await using stage = await reviewStage(place, { rules: [] });
  const before = await place.checkout();
  const id = await reviewed(stage, 'only words');

  await stage.pool.approveResult(id, { merge: 'merge' });

  expect(stage.pool.task(id).state).toBe('completed');
  expect(await place.checkout()).toEqual(before);
});

test('work in no git worktree cannot be merged: the task waits for review as before', async () => {
  const { options } = await site();
  await using stage = await fakePool({ rules: [] }, { ...options, slots: 1 });
  const id = await reviewed(stage, 'only words');

  await expect(stage.pool.approveResult(id, { merge: 'squash' })).rejects.toMatchObject({
    code: 'WORKTREE',
    message: expect.stringContaining('Approve it without `merge`.'),
  });

  expect(stage.pool.task(id).state).toBe('pendingReview');
});

test('a conflict goes back to the task with its files, and the rebased work is merged', async () => {
  const place = await site();
  const rules = [
    bash(
      'does not fit into',
      'git rebase -q main || { echo both > a.txt; git add a.txt; GIT_EDITOR=true git rebase --continue; }',
    ),
    bash('change', 'echo task > a.txt; git commit -qam Task'),
  ];
  await using stage = await reviewStage(place, { rules });
  const id = await reviewed(stage, 'change');
  await place.write('a.txt', 'user\n');
  await place.git('commit', '-qam', 'User');
  const before = await place.checkout();

  const first = stage.pool.approveResult(id, { merge: 'rebase' });

  await expect(first).rejects.toMatchObject({
    code: 'WORKTREE',
    message: expect.stringContaining('`a.txt`'),
  });
  expect(await place.checkout()).toEqual(before);
  await vi.waitFor(
    () => expect(stage.pool.task(id)).toMatchObject({ state: 'pendingReview', feedback: [{}] }),
    10_000,
  );
  expect(stage.pool.task(id).feedback).toEqual([expect.stringContaining('`git rebase main`')]);
  expect(await stage.pool.diff(id)).toContain('-user\n+both');
  await stage.pool.approveResult(id, { merge: 'ff' });
  expect(await place.git('log', '--format=%s', 'main')).toBe('Task\nUser\nfirst');
  expect(await place.git('show', 'main:a.txt')).toBe('both');
});

test('with `onConflict: fail` the call names the files, and the task waits for review as before', async () => {
  const place = await site();
  await using stage = await reviewStage(place, { rules: [bash('change', 'echo task > a.txt')] });
  const id = await reviewed(stage, 'change');
  await place.write('a.txt', 'user\n');
  await place.git('commit', '-qam', 'User');

  const merged = stage.pool.approveResult(id, { merge: 'merge', onConflict: 'fail' });

  await expect(merged).rejects.toMatchObject({
    code: 'WORKTREE',
    message: expect.stringContaining('`a.txt`'),
  });
  expect(stage.pool.task(id)).toMatchObject({ state: 'pendingReview', feedback: [] });
});
