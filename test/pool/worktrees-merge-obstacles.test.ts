import { access } from 'node:fs/promises';
import path from 'node:path';
import { expect, test, vi } from 'vitest';
import { HELLO, bash, reviewStage, reviewed, site, workOf } from './worktree-stage.ts';

test('work that does not pass `verify` goes back with what the program said, and nothing is merged', async () => {
  const place = await site();
  await using stage = await reviewStage(place, { rules: [bash('does not pass', 'true'), HELLO] });
  const before = await place.checkout();
  const id = await reviewed(stage, 'hello');

  const merged = stage.pool.approveResult(id, {
    merge: 'ff',
    verify: ['sh', '-c', 'echo "no test for hello.txt"; exit 1'],
  });

  await expect(merged).rejects.toMatchObject({ code: 'WORKTREE' });
  expect(stage.pool.task(id).feedback).toEqual([expect.stringContaining('no test for hello.txt')]);
  expect(await place.checkout()).toEqual(before);
});

test('a checkout with uncommitted changes is not merged into, and the task waits for review as before', async () => {
  const place = await site();
  await using stage = await reviewStage(place, { rules: [HELLO] });
  const id = await reviewed(stage, 'hello');
  await place.write('b.txt', 'in the middle of something\n');
  const before = await place.checkout();

  const merged = stage.pool.approveResult(id, { merge: 'ff' });

  await expect(merged).rejects.toMatchObject({
    code: 'WORKTREE',
    message: expect.stringContaining('commit or stash'),
  });
  expect(await place.checkout()).toEqual(before);
  expect(stage.pool.task(id)).toMatchObject({ state: 'pendingReview', feedback: [] });
});

test('while the work of a task is merged, it is neither approved again nor rejected', async () => {
  const place = await site();
  await using stage = await reviewStage(place, { rules: [HELLO] });
  const id = await reviewed(stage, 'hello');
  const go = path.join(place.home, 'go');
  const merged = stage.pool.approveResult(id, { merge: 'ff', verify: untilThere(go) });

  const again = stage.pool.approveResult(id, { merge: 'ff' });
  const rejected = stage.pool.rejectResult(id, 'No.');

  await expect(again).rejects.toMatchObject({
    code: 'INVALID_STATE',
    message: expect.stringContaining('being merged'),
  });
  await expect(rejected).rejects.toMatchObject({ code: 'INVALID_STATE' });
  expect(stage.pool.task(id).state).toBe('pendingReview');
  await place.write('../go', '');
  expect(await merged).toMatchObject({ verdict: 'succeeded' });
});

test('cancelling a task ends its merge, and nothing is merged', async () => {
  const place = await site();
  await using stage = await reviewStage(place, { rules: [HELLO] });
  const before = await place.checkout();
  const id = await reviewed(stage, 'hello');
  const begun = path.join(place.home, 'begun');
  const merged = stage.pool.approveResult(id, { merge: 'ff', verify: beginning(begun) });
  await vi.waitFor(() => access(begun), 10_000);

  const [end, task] = await Promise.all([merged.catch((error: unknown) => error), stage.pool.cancel(id)]);

  expect(end).toMatchObject({ code: 'CANCELLED' });
  expect(task.state).toBe('cancelled');
  expect(await place.checkout()).toEqual(before);
});

test('draining a pool ends its merges: nothing is merged, and the task still waits for review', async () => {
  const place = await site();
  await using stage = await reviewStage(place, { rules: [HELLO] });
  const before = await place.checkout();
  const id = await reviewed(stage, 'hello');
  const begun = path.join(place.home, 'begun');
  const merged = stage.pool.approveResult(id, { merge: 'ff', verify: beginning(begun) });
  await vi.waitFor(() => access(begun), 10_000);

  const [end, summary] = await Promise.all([merged.catch((error: unknown) => error), stage.pool.drain()]);

  expect(end).toMatchObject({ code: 'POOL_CLOSED' });
  expect(summary.pendingReview).toBe(1);
  expect(await place.checkout()).toEqual(before);
  const { workspace } = stage.pool.task(id).result ?? {};
  expect(await place.git('show', `${workspace?.preservedRef}:hello.txt`)).toBe('hello');
});

test('the work of a task is found again after its slot went on to another one', async () => {
  const place = await site();
  await using stage = await reviewStage(place, { rules: [HELLO, bash('other', 'echo other > other.txt')] });
  const id = await reviewed(stage, 'hello');
  await stage.pool.run('other');

  const result = await stage.pool.approveResult(id, { merge: 'merge', into: 'main' });

  expect(workOf(result).filesChanged).toEqual([{ path: 'hello.txt', added: 1, deleted: 0 }]);
  expect(await place.git('ls-tree', '--name-only', 'main')).toBe('a.txt\nb.txt\nhello.txt');
});

function untilThere(file: string): [string, ...string[]] {
  return ['bash', '-c', `until [ -e ${file} ]; do read -t 0.02 <> <(:) || :; done`];
}

function beginning(file: string): [string, ...string[]] {
  return ['sh', '-c', `touch ${file}; sleep 60`];
}
