import { readFile, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { gitWorkspaces } from '../../src/workspaces/git-workspaces.ts';
import { commitAll, gitIn, stage, writeIn } from './workspaces-stage.ts';

test('a workspace is a checkout of the base on a branch of its own', async () => {
  await using scene = await stage();
  const { workspaces, signal, git } = scene;

  const workspace = await workspaces.acquire({ id: 'slot-0', task: 'one', signal });

  expect(workspace).toEqual({
    id: 'slot-0',
    path: expect.stringMatching(/\/worktrees\/repository-[0-9a-f]{8}\/main\/slot-0$/),
    branch: 'claude-pool/main/slot-0',
    base: await git('rev-parse', 'main'),
    missing: [],
  });
  expect(await gitIn(workspace.path, 'branch', '--show-current')).toBe('claude-pool/main/slot-0');
  expect(await files(workspace.path)).toEqual(['a.txt', 'b.txt']);
  expect(await git('status', '--porcelain')).toBe('');
});

test('by default workspaces lie in the home folder, where no part of the path is a git folder', async () => {
  await using scene = await stage();
  const env = { ...process.env, HOME: scene.home };

  const workspace = await gitWorkspaces({ repository: scene.repository, env }).acquire({
    id: 'slot-0',
    task: 'one',
    signal: scene.signal,
  });

  expect(path.relative(scene.home, workspace.path)).toMatch(
    /^\.claude-pool\/worktrees\/repository-[0-9a-f]{8}\/main\/slot-0$/,
  );
});

test('a workspace tells which uncommitted changes it lacks', async () => {
  await using scene = await stage();
  await scene.write('a.txt', 'changed\n');
  await scene.write('new file.txt', 'new\n');

  const { missing } = await scene.workspaces.acquire({ id: 'slot-0', task: 'one', signal: scene.signal });

  expect(missing).toEqual(['a.txt', 'new file.txt']);
});

test('ignored files that .worktreeinclude names are copied, and no others', async () => {
  await using scene = await stage();
  await scene.write('.gitignore', '*.env\ncache/\n');
  await scene.write('.worktreeinclude', '*.env\na.txt\n');
  await commitAll(scene.repository, 'lists');
  await scene.write('.env', 'KEY=1\n');
  await scene.write('sub/.env', 'KEY=2\n');
  await scene.write('cache/big', 'no\n');

  const workspace = await scene.workspaces.acquire({ id: 'slot-0', task: 'one', signal: scene.signal });

  expect(await readFile(path.join(workspace.path, 'sub/.env'), 'utf8')).toBe('KEY=2\n');
  expect(await files(workspace.path)).toEqual([
    '.env',
    '.gitignore',
    '.worktreeinclude',
    'a.txt',
    'b.txt',
    'sub',
  ]);
});

test('a reset leaves the workspace clean at its base, and what was there under a ref', async () => {
  await using scene = await stage();
  const { workspaces, signal, git } = scene;
  const workspace = await workspaces.acquire({ id: 'slot-0', task: 'one', signal });
  await writeIn(workspace.path, 'a.txt', 'staged\n');
  await gitIn(workspace.path, 'add', 'a.txt');
  await writeIn(workspace.path, 'a.txt', 'on disk\n');
  await writeIn(workspace.path, 'deep/new.txt', 'untracked\n');
  await rm(path.join(workspace.path, 'b.txt'));

  await workspaces.reset(workspace, { task: 'two', signal });

  const ref = 'refs/claude-pool/preserved/one/1';
  expect(await gitIn(workspace.path, 'status', '--porcelain', '--ignored')).toBe('');
  expect(await files(workspace.path)).toEqual(['a.txt', 'b.txt']);
  expect(await git('ls-tree', '-r', '--name-only', ref)).toBe('a.txt\ndeep/new.txt');
  expect(await git('show', `${ref}:a.txt`)).toBe('on disk');
  expect(await git('show', `${ref}:deep/new.txt`)).toBe('untracked');
  expect(await git('show', `${ref}.staged:a.txt`)).toBe('staged');
});

test('commits that no other branch has are preserved when the branch moves back', async () => {
  await using scene = await stage();
  const { workspaces, signal, git } = scene;
  const workspace = await workspaces.acquire({ id: 'slot-0', task: 'one', attempt: 3, signal });
  await writeIn(workspace.path, 'a.txt', 'committed\n');
  const commit = await commitAll(workspace.path, 'work');

  await workspaces.reset(workspace, { task: 'two', signal });

  expect(await git('rev-parse', 'refs/claude-pool/preserved/one/3')).toBe(commit);
  expect(await git('rev-parse', workspace.branch)).toBe(workspace.base);
});

test('a reset to saved work of the same task brings back its commits and what was not committed', async () => {
  await using scene = await stage();
  const { workspaces, signal } = scene;
  const first = await workspaces.acquire({ id: 'slot-0', task: 'one', signal });
  await writeIn(first.path, 'a.txt', 'committed\n');
  await commitAll(first.path, 'work');
  await writeIn(first.path, 'b.txt', 'changed\n');
  await writeIn(first.path, 'new.txt', 'new\n');
  const ref = (await workspaces.preserve(first, { task: 'one', attempt: 1, signal })) ?? '';
  const before = await workspaces.describe(first, { signal });
  const second = await workspaces.acquire({ id: 'slot-1', task: 'two', signal });

  const work = { ref, base: first.base, dirty: true };
  const reset = await workspaces.reset(second, { task: 'one', attempt: 2, work, signal });

  expect(await workspaces.describe(reset, { signal })).toEqual({ ...before, branch: second.branch });
  expect(await gitIn(reset.path, 'log', '--format=%s')).toBe('work\nfirst');
  expect(await gitIn(reset.path, 'status', '--porcelain')).toBe(' M b.txt\n?? new.txt');
});

test('work that was rebased is compared with what it stands on now', async () => {
  await using scene = await stage();
  const { workspaces, signal, git, write, repository } = scene;
  const workspace = await workspaces.acquire({ id: 'slot-0', task: 'one', signal });
  await writeIn(workspace.path, 'a.txt', 'work\n');
  await commitAll(workspace.path, 'work');
  await write('b.txt', 'user\n');
  const base = await commitAll(repository, 'user');

  await gitIn(workspace.path, 'rebase', '--quiet', 'main');
  const { commits, filesChanged, ...report } = await workspaces.describe(workspace, { signal });

  expect(report.base).toBe(base);
  expect(commits).toEqual([await git('rev-parse', workspace.branch)]);
  expect(filesChanged).toEqual([{ path: 'a.txt', added: 1, deleted: 1 }]);
});

test('saved work without a base is compared with where it left the base of the workspaces', async () => {
  await using scene = await stage();
  const { workspaces, signal, write, repository } = scene;
  const workspace = await workspaces.acquire({ id: 'slot-0', task: 'one', signal });
  await writeIn(workspace.path, 'a.txt', 'work\n');
  const from = (await workspaces.preserve(workspace, { task: 'one', attempt: 1, signal })) ?? '';
  await write('b.txt', 'user\n');
  await commitAll(repository, 'user');

  const patch = await workspaces.diff({ from }, { signal });

  expect(patch).toContain('+work');
  expect(patch).not.toContain('b.txt');
});

test('a reset ends a rebase that stopped at a conflict, and saves both sides', async () => {
  await using scene = await stage();
  const { workspaces, signal, git } = scene;
  const workspace = await workspaces.acquire({ id: 'slot-0', task: 'one', signal });
  await writeIn(workspace.path, 'a.txt', 'mine\n');
  const mine = await commitAll(workspace.path, 'mine');
  await scene.write('a.txt', 'theirs\n');
  await commitAll(scene.repository, 'theirs');
  await expect(gitIn(workspace.path, 'rebase', 'main')).rejects.toThrow('CONFLICT');

  const { base } = await workspaces.reset(workspace, { task: 'two', signal });

  expect(base).toBe(await git('rev-parse', 'main'));
  expect(await git('rev-parse', 'refs/claude-pool/preserved/one/1.branch')).toBe(mine);
  expect(await gitIn(workspace.path, 'status')).toBe(
    'On branch claude-pool/main/slot-0\nnothing to commit, working tree clean',
  );
});

test('a repository made within the workspace is moved away whole', async () => {
  await using scene = await stage();
  const { workspaces, signal } = scene;
  const workspace = await workspaces.acquire({ id: 'slot-0', task: 'one', signal });
  await gitIn(workspace.path, 'init', '--quiet', 'empty');
  await gitIn(workspace.path, 'clone', '--quiet', scene.repository, 'clone');
  await writeIn(workspace.path, 'clone/a.txt', 'in the clone\n');

  await workspaces.reset(workspace, { task: 'two', signal });

  const kept = path.join(path.dirname(workspace.path), '.kept/one-1');
  expect(await files(workspace.path)).toEqual(['a.txt', 'b.txt']);
  expect(await files(kept)).toEqual(['clone', 'empty']);
  expect(await readFile(path.join(kept, 'clone/a.txt'), 'utf8')).toBe('in the clone\n');
});

test('preserving touches neither files nor index, and saves the same work once', async () => {
  await using scene = await stage();
  const { workspaces, signal, git } = scene;
  const workspace = await workspaces.acquire({ id: 'slot-0', task: 'one', signal });
  await writeIn(workspace.path, 'a.txt', 'changed\n');
  await writeIn(workspace.path, 'new.txt', 'new\n');
  await gitIn(workspace.path, 'add', 'new.txt');
  const before = await gitIn(workspace.path, 'status', '--porcelain');

  const first = await workspaces.preserve(workspace, { task: 'one', attempt: 1, signal });
  const second = await workspaces.preserve(workspace, { task: 'one', attempt: 1, signal });

  expect([first, second]).toEqual(['refs/claude-pool/preserved/one/1', 'refs/claude-pool/preserved/one/1']);
  expect(await gitIn(workspace.path, 'status', '--porcelain')).toBe(before);
  expect(await git('for-each-ref', '--format=%(refname)', 'refs/claude-pool')).toBe(
    'refs/claude-pool/preserved/one/1\nrefs/claude-pool/preserved/one/1.staged',
  );
});

test('other work under the same name goes beside the first', async () => {
  await using scene = await stage();
  const { workspaces, signal, git } = scene;
  const workspace = await workspaces.acquire({ id: 'slot-0', task: 'one', signal });
  await writeIn(workspace.path, 'a.txt', 'first\n');
  await workspaces.preserve(workspace, { task: 'one', attempt: 1, signal });
  await writeIn(workspace.path, 'a.txt', 'second\n');

  const ref = await workspaces.preserve(workspace, { task: 'one', attempt: 1, signal });

  expect(ref).toBe('refs/claude-pool/preserved/one/1.2');
  expect(await git('show', 'refs/claude-pool/preserved/one/1:a.txt')).toBe('first');
});

test('an untouched workspace leaves no ref', async () => {
  await using scene = await stage();
  const { workspaces, signal, git } = scene;
  const workspace = await workspaces.acquire({ id: 'slot-0', task: 'one', signal });

  const ref = await workspaces.preserve(workspace, { task: 'one', attempt: 1, signal });
  const removed = await workspaces.remove(workspace, { signal });

  expect([ref, removed]).toEqual([undefined, {}]);
  expect(await git('for-each-ref', '--format=%(refname)')).toBe('refs/heads/main');
  expect(await git('worktree', 'list', '--porcelain')).not.toContain('slot-0');
});

test('the report has commits and what is not committed', async () => {
  await using scene = await stage();
  const { workspaces, signal } = scene;
  const workspace = await workspaces.acquire({ id: 'slot-0', task: 'one', signal });
  await writeIn(workspace.path, 'a.txt', 'one\ntwo\n');
  const commit = await commitAll(workspace.path, 'work');
  await writeIn(workspace.path, 'new.txt', 'new\n');
  await workspaces.preserve(workspace, { task: 'one', attempt: 1, signal });

  const report = await workspaces.describe(workspace, { signal });

  expect(report).toEqual({
    branch: workspace.branch,
    base: workspace.base,
    commits: [commit],
    filesChanged: [
      { path: 'a.txt', added: 2, deleted: 1 },
      { path: 'new.txt', added: 1, deleted: 0 },
    ],
    diffStat: ' a.txt   | 3 ++-\n new.txt | 1 +\n 2 files changed, 3 insertions(+), 1 deletion(-)',
    dirty: true,
    preservedRef: 'refs/claude-pool/preserved/one/1',
  });
});

test('the diff of a workspace and of its saved work are the same patch', async () => {
  await using scene = await stage();
  const { workspaces, signal } = scene;
  const workspace = await workspaces.acquire({ id: 'slot-0', task: 'one', signal });
  await writeIn(workspace.path, 'new.txt', 'new\n');

  const patch = await workspaces.diff(workspace, { signal });
  const from = (await workspaces.preserve(workspace, { task: 'one', attempt: 1, signal })) ?? '';

  expect(patch).toContain('+new');
  expect(await workspaces.diff({ from, base: workspace.base }, { signal })).toBe(patch);
});

test('the diff of a workspace is a patch that git applies', async () => {
  await using scene = await stage();
  const { workspaces, signal, git, home, repository } = scene;
  const workspace = await workspaces.acquire({ id: 'slot-0', task: 'one', signal });
  await writeIn(workspace.path, 'new.txt', 'new\n');

  await writeIn(home, 'one.patch', await workspaces.diff(workspace, { signal }));
  await git('apply', path.join(home, 'one.patch'));

  expect(await readFile(path.join(repository, 'new.txt'), 'utf8')).toBe('new\n');
  expect(await workspaces.diff({ from: 'main', base: 'main' }, { signal })).toBe('');
});

test('saved work is listed and becomes a branch again', async () => {
  await using scene = await stage();
  const { workspaces, signal, git } = scene;
  const workspace = await workspaces.acquire({ id: 'slot-0', task: 'one', signal });
  await writeIn(workspace.path, 'a.txt', 'work\n');
  const { preservedRef: ref = '' } = await workspaces.remove(workspace, { signal });

  await workspaces.restore({ ref, branch: 'rescued', signal });

  const { worktrees, preserved } = await workspaces.list({ signal });
  expect(await git('show', 'rescued:a.txt')).toBe('work');
  expect(worktrees).toEqual([]);
  expect(preserved).toEqual([
    { ref, task: 'one', commit: await git('rev-parse', 'rescued'), savedAt: expect.any(String) },
  ]);
});

test('restoring moves no branch that exists', async () => {
  await using scene = await stage();
  const { workspaces, signal } = scene;
  const workspace = await workspaces.acquire({ id: 'slot-0', task: 'one', signal });
  await writeIn(workspace.path, 'a.txt', 'work\n');
  const { preservedRef: ref = '' } = await workspaces.remove(workspace, { signal });

  const restoring = workspaces.restore({ ref, branch: 'main', signal });

  await expect(restoring).rejects.toMatchObject({ code: 'WORKTREE' });
});

test('a workspace that is held is acquired by nobody else, and by anybody once it is released', async () => {
  await using scene = await stage();
  const { workspaces, again, signal } = scene;
  const workspace = await workspaces.acquire({ id: 'slot-0', task: 'one', signal });

  await expect(again().acquire({ id: 'slot-0', task: 'two', signal })).rejects.toMatchObject({
    code: 'WORKTREE',
    message: expect.stringContaining(`process ${process.pid}`),
  });
  await workspaces.release(workspace, { signal });

  const taken = await again().acquire({ id: 'slot-0', task: 'two', signal });
  expect(taken).toEqual(workspace);
});

test('an adopted workspace is as its last holder left it, and there is none that nobody had', async () => {
  await using scene = await stage();
  const { workspaces, again, signal } = scene;
  const workspace = await workspaces.acquire({ id: 'slot-0', task: 'one', signal });
  await writeIn(workspace.path, 'a.txt', 'work\n');
  await workspaces.release(workspace, { signal });

  const adopted = await again().adopt('slot-0', { signal });

  expect(adopted).toEqual({ ...workspace, task: 'one' });
  expect(await readFile(path.join(workspace.path, 'a.txt'), 'utf8')).toBe('work\n');
  expect((await workspaces.describe(workspace, { signal })).dirty).toBe(true);
  expect(await workspaces.adopt('slot-1', { signal })).toBeUndefined();
});

test('pruning removes what nobody holds, after saving it, and says before what it would do', async () => {
  await using scene = await stage();
  const { workspaces, signal, git } = scene;
  const held = await workspaces.acquire({ id: 'held', task: 'one', signal });
  const free = await workspaces.acquire({ id: 'free', task: 'two', signal });
  await writeIn(free.path, 'a.txt', 'work\n');
  await workspaces.release(free, { signal });

  const plan = await workspaces.prune({ dryRun: true, signal });
  const pruned = await workspaces.prune({ signal });

  expect(plan).toEqual(pruned);
  expect(pruned.removed.map(({ id, status }) => [id, status])).toEqual([['free', 'free']]);
  expect(await files(path.dirname(held.path))).toEqual(['held']);
  expect(await git('show', 'refs/claude-pool/preserved/two/1:a.txt')).toBe('work');
});

test('two pools on one repository do not meet', async () => {
  await using scene = await stage();
  const { again, signal } = scene;

  const one = await again({ pool: 'one' }).acquire({ id: 'slot-0', task: 'one', signal });
  const two = await again({ pool: 'two' }).acquire({ id: 'slot-0', task: 'one', signal });

  expect([one.branch, two.branch]).toEqual(['claude-pool/one/slot-0', 'claude-pool/two/slot-0']);
  expect(one.path).not.toBe(two.path);
});

test('an aborted call rejects with the reason of its signal', async () => {
  await using scene = await stage();
  const reason = new Error('enough');

  const acquiring = scene.workspaces.acquire({
    id: 'slot-0',
    task: 'one',
    signal: AbortSignal.abort(reason),
  });

  await expect(acquiring).rejects.toBe(reason);
});

async function files(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder);
  return names.filter((name) => name !== '.git').toSorted();
}
