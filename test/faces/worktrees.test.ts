import { execa } from 'execa';
import { expect, test } from 'vitest';
import { fakePool } from '../pool/stage.ts';
import { site } from '../pool/worktree-stage.ts';
import { command, scratch } from './command-line.ts';

test('`worktrees` lists what a live pool holds, and `--prune` leaves it alone', async () => {
  const { repository, options } = await site();
  await using stage = await fakePool({ rules: [] }, { ...options, slots: 1, worktree: true, name: 'alive' });
  await stage.pool.run('hello');

  const listed = await claudePool('worktrees', '--repository', repository, '--json');
  const pruned = await claudePool('worktrees', '--repository', repository, '--prune', '--json');
  const shown = await claudePool('worktrees', '--repository', repository);

  const [worktree] = JSON.parse(listed.stdout).data.worktrees;
  expect(worktree).toMatchObject({ pool: 'alive', id: 'slot-0', status: 'held' });
  expect(JSON.parse(pruned.stdout).data).toMatchObject({ dryRun: false, removed: [] });
  expect(shown.stdout).toContain(worktree.path);
  expect(shown.stdout).toContain('No saved work.');
});

test('a folder that is no repository is said to be none', async () => {
  await using place = await scratch();

  const { stdout, stderr, exitCode } = await claudePool('worktrees', '--repository', place.folder);

  expect([exitCode, stdout]).toEqual([1, '']);
  expect(stderr).toContain('WORKTREE');
});

function claudePool(...args: string[]) {
  const [node, ...main] = command;
  return execa(node, [...main, ...args], { reject: false, env: { NO_COLOR: '1' } });
}
