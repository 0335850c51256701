import { spawnSync } from 'node:child_process';
import { chmod, mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { gitWorkspaces } from '../../src/workspaces/git-workspaces.ts';
import { builtProgram } from '../built-program.ts';
import {
  commitAll,
  gitIn,
  makeRepository,
  scratchFolder,
  stage,
  writeIn,
} from '../contracts/workspaces-stage.ts';

const WORKER = builtProgram(new URL('acquire-worker.ts', import.meta.url));
const signal = new AbortController().signal;
const task = { id: 'slot-0', task: 'one', signal };

test('a folder that is no repository is refused', async () => {
  await using scene = await stage();

  const acquiring = gitWorkspaces({ repository: scene.home, folder: scene.home }).acquire(task);

  await expect(acquiring).rejects.toMatchObject({
    code: 'WORKTREE',
    message: expect.stringMatching(/to be a git repository, got: .*not a git repository.*git init/),
  });
});

test('a folder that is not there is refused', async () => {
  const acquiring = gitWorkspaces({ repository: '/nowhere/at/all' }).acquire(task);

  await expect(acquiring).rejects.toMatchObject({
    code: 'WORKTREE',
    message: expect.stringContaining('`/nowhere/at/all`'),
  });
});

test('a repository without a commit is refused', async () => {
  await using scene = await stage();
  const empty = path.join(scene.home, 'empty');
  await gitIn(scene.home, 'init', '--quiet', empty);

  const acquiring = scene.again({ repository: empty }).acquire(task);

  await expect(acquiring).rejects.toMatchObject({
    code: 'WORKTREE',
    message: expect.stringContaining('Commit once'),
  });
  expect(await readdir(path.join(empty, '.git'))).not.toContain('claude-pool');
});

test('a bare repository has workspaces that lack nothing', async () => {
  await using scene = await stage();
  const bare = path.join(scene.home, 'bare.git');
  await gitIn(scene.home, 'clone', '--quiet', '--bare', scene.repository, bare);

  const workspace = await scene.again({ repository: bare }).acquire(task);

  expect(await readFile(path.join(workspace.path, 'a.txt'), 'utf8')).toBe('a\n');
  expect(workspace.missing).toEqual([]);
});

test('a shallow clone works like a whole one', async () => {
  await using scene = await stage();
  await scene.write('a.txt', 'second\n');
  await commitAll(scene.repository, 'second');
  const shallow = path.join(scene.home, 'shallow');
  await gitIn(scene.home, 'clone', '--quiet', '--depth=1', `file://${scene.repository}`, shallow);
  const workspaces = scene.again({ repository: shallow });
  const workspace = await workspaces.acquire(task);
  await writeIn(workspace.path, 'a.txt', 'work\n');

  const { preservedRef } = await workspaces.remove(workspace, { signal });

  expect(await gitIn(shallow, 'show', `${preservedRef}:a.txt`)).toBe('work');
});

test('a worktree may be the repository, and shares its pools', async () => {
  await using scene = await stage();
  const inner = path.join(scene.home, 'inner');
  await scene.git('worktree', 'add', '--quiet', '--detach', inner);
  const workspace = await scene.again({ repository: inner }).acquire(task);

  const acquiring = scene.workspaces.acquire(task);

  await expect(acquiring).rejects.toMatchObject({ message: expect.stringContaining('holds it') });
  expect(await gitIn(workspace.path, 'rev-parse', 'HEAD')).toBe(await scene.git('rev-parse', 'main'));
});

test('a detached HEAD is the base', async () => {
  await using scene = await stage();
  const first = await scene.git('rev-parse', 'HEAD');
  await scene.write('a.txt', 'second\n');
  await commitAll(scene.repository, 'second');
  await scene.git('checkout', '--quiet', '--detach', first);

  const { base } = await scene.workspaces.acquire(task);

  expect(base).toBe(first);
});

test('a base that is no commit is refused by its name', async () => {
  await using scene = await stage();

  const acquiring = scene.workspaces.acquire({ ...task, base: 'no-such' });

  await expect(acquiring).rejects.toMatchObject({
    code: 'WORKTREE',
    message: expect.stringContaining('Expected `no-such` to name a commit'),
  });
});

test('a branch that a crash left without its worktree is saved and used again', async () => {
  await using scene = await stage();
  const { base } = await scene.workspaces.acquire(task);
  const lost = await scene.git('commit-tree', 'HEAD^{tree}', '-p', 'HEAD', '-m', 'work');
  await rm(path.join(scene.home, 'worktrees'), { recursive: true });
  await rm(path.join(scene.repository, '.git/claude-pool'), { recursive: true });
  await scene.git('worktree', 'prune');
  await scene.git('update-ref', 'refs/heads/claude-pool/main/slot-0', lost);

  const workspace = await scene.again().acquire(task);

  expect(workspace.base).toBe(base);
  expect(await scene.git('rev-parse', 'refs/claude-pool/preserved/slot-0/1.branch')).toBe(lost);
});

test('a worktree whose folder is gone is made anew', async () => {
  await using scene = await stage();
  const workspace = await scene.workspaces.acquire(task);
  await rm(workspace.path, { recursive: true });
  await scene.workspaces.release(workspace, { signal });

  const again = await scene.workspaces.acquire(task);

  expect(again).toEqual(workspace);
  expect(await readFile(path.join(again.path, 'a.txt'), 'utf8')).toBe('a\n');
});

test('a branch that somebody has checked out is refused', async () => {
  await using scene = await stage();
  await scene.git('checkout', '--quiet', '-b', 'claude-pool/main/slot-0');

  const acquiring = scene.workspaces.acquire(task);

  await expect(acquiring).rejects.toMatchObject({
    code: 'WORKTREE',
    message: expect.stringMatching(/already (checked out|used by worktree)/),
  });
  expect((await scene.workspaces.list({ signal })).worktrees).toEqual([]);
});

test('a branch named like the folder of the pools is refused', async () => {
  await using scene = await stage();
  await scene.git('branch', 'claude-pool');

  const acquiring = scene.workspaces.acquire(task);

  await expect(acquiring).rejects.toMatchObject({
    code: 'WORKTREE',
    message: expect.stringContaining("'refs/heads/claude-pool' exists"),
  });
});

test('a folder that holds files of others is left alone', async () => {
  await using scene = await stage();
  const workspace = await scene.workspaces.acquire(task);
  await scene.workspaces.remove(workspace, { signal });
  await writeIn(workspace.path, 'mine.txt', 'mine\n');

  const acquiring = scene.workspaces.acquire(task);

  await expect(acquiring).rejects.toMatchObject({
    code: 'WORKTREE',
    message: expect.stringContaining('holds files that belong to none'),
  });
  expect(await readFile(path.join(workspace.path, 'mine.txt'), 'utf8')).toBe('mine\n');
});

test('a worktree whose .git is gone is mended, and the checkout around it is not touched', async () => {
  await using scene = await stage();
  await scene.write('.gitignore', 'worktrees/\n');
  await commitAll(scene.repository, 'ignore');
  const workspaces = scene.again({ folder: path.join(scene.repository, 'worktrees') });
  const workspace = await workspaces.acquire(task);
  await scene.write('a.txt', 'not committed\n');
  await writeIn(workspace.path, 'a.txt', 'work\n');
  await rm(path.join(workspace.path, '.git'));

  await workspaces.reset(workspace, { task: 'two', signal });

  expect(await scene.git('show', 'refs/claude-pool/preserved/one/1:a.txt')).toBe('work');
  expect(await readFile(path.join(scene.repository, 'a.txt'), 'utf8')).toBe('not committed\n');
  expect(await gitIn(workspace.path, 'rev-parse', '--show-toplevel')).toBe(workspace.path);
});

test('a folder within a checkout that does not ignore it is refused', async () => {
  await using scene = await stage();
  const folder = path.join(scene.repository, 'worktrees');

  const acquiring = scene.again({ folder }).acquire(task);

  await expect(acquiring).rejects.toMatchObject({
    code: 'WORKTREE',
    message: expect.stringMatching(/`worktreeDir`.*`.gitignore`, or choose another `worktreeDir`/),
  });
});

test('a folder that cannot be written is refused, and nothing is left behind', async () => {
  await using scene = await stage();
  const folder = path.join(scene.home, 'closed');
  await mkdir(folder);
  await chmod(folder, 0o555);
  const isRoot = process.getuid?.() === 0;

  const acquiring = scene.again({ folder: isRoot ? '/sys/kernel' : folder }).acquire(task);

  await expect(acquiring).rejects.toMatchObject({
    code: 'WORKTREE',
    message: expect.stringContaining('Expected to write to'),
  });
  expect(await scene.git('for-each-ref', '--format=%(refname)')).toBe('refs/heads/main');
  expect((await scene.workspaces.list({ signal })).worktrees).toEqual([]);
});

test('a disk that is read-only or full is told so, and nothing is left behind', async (context) => {
  await using scene = await stage();
  const [closed, full, elsewhere] = ['closed', 'full', 'elsewhere'].map((name) =>
    path.join(scene.home, name),
  );
  const frozen = path.join(scene.home, 'frozen');
  await makeRepository(frozen);
  await execa('mkdir', [closed ?? '', full ?? '']);
  const mounts = [
    `mount -t tmpfs -o ro none ${closed}`,
    `mount -t tmpfs -o size=8k none ${full}`,
    `mount --bind ${frozen} ${frozen} && mount -o remount,bind,ro ${frozen}`,
  ];
  const space = ['--mount', ...(process.getuid?.() === 0 ? [] : ['--map-root-user'])];
  const inSpace = (command: string) => execa('unshare', [...space, 'sh', '-ec', command], { reject: false });
  const { failed } = await inSpace(mounts.join(' && '));
  context.skip(failed, 'This machine lets nobody mount.');
  const sites = [`${scene.repository}:${closed}`, `${scene.repository}:${full}`, `${frozen}:${elsewhere}`];

  const { stdout } = await inSpace(
    `${mounts.join(' && ')}; exec '${process.execPath}' '${WORKER}' ${sites.join(' ')}`,
  );

  const outcomes = stdout.split('\n').map((line): unknown => JSON.parse(line));
  expect(outcomes).toEqual([
    { code: 'WORKTREE', message: expect.stringMatching(/Expected to write to .*EROFS/) },
    { code: 'WORKTREE', message: expect.stringContaining('unable to write file') },
    { code: 'WORKTREE', message: expect.stringMatching(/Expected to write to .*EROFS/) },
  ]);
  expect(await scene.git('status', '--porcelain')).toBe('');
  const { kept } = await scene.again({ folder: full ?? '' }).prune({ signal });
  expect(kept).toEqual([]);
  expect(await scene.git('for-each-ref', '--format=%(refname)')).toBe('refs/heads/main');
});

test('a machine without git is told so', async () => {
  await using scene = await stage();

  const acquiring = scene.again({ env: { PATH: scene.home } }).acquire(task);

  await expect(acquiring).rejects.toMatchObject({
    code: 'WORKTREE',
    message: expect.stringContaining('Install git 2.38'),
  });
});

test('an environment that points git elsewhere, as that of a hook, changes nothing', async () => {
  await using scene = await stage();
  const elsewhere = path.join(scene.home, 'elsewhere');
  await makeRepository(elsewhere);
  const env = {
    ...process.env,
    GIT_DIR: path.join(elsewhere, '.git'),
    GIT_INDEX_FILE: '/nowhere',
    EDITOR: 'vi',
  };

  const workspace = await scene.again({ env }).acquire(task);

  expect(await scene.git('rev-parse', workspace.branch)).toBe(workspace.base);
  expect(await gitIn(elsewhere, 'branch', '--format=%(refname:short)')).toBe('main');
});

test('hooks of the user do not run', async () => {
  await using scene = await stage();
  for (const hook of ['post-checkout', 'reference-transaction', 'post-merge']) {
    const file = path.join(scene.repository, '.git/hooks', hook);
    await writeFile(file, `#!/bin/sh\ntouch ${scene.home}/ran-${hook}\n`, { mode: 0o755 });
  }
  const workspace = await scene.workspaces.acquire(task);
  await writeIn(workspace.path, 'a.txt', 'work\n');

  const { preservedRef: from = '' } = await scene.workspaces.remove(workspace, { signal });
  await scene.workspaces.integrate({ from, into: 'main', mode: 'ff', signal });

  expect((await readdir(scene.home)).filter((name) => name.startsWith('ran-'))).toEqual([]);
});

test('submodules stay empty, and one that a task filled and changed stops the reset', async () => {
  await using scene = await stage();
  const inner = path.join(scene.home, 'inner');
  await makeRepository(inner);
  const allow = ['-c', 'protocol.file.allow=always'];
  await scene.git(...allow, 'submodule', '--quiet', 'add', inner, 'sub');
  await commitAll(scene.repository, 'submodule');
  const workspace = await scene.workspaces.acquire(task);
  expect(await readdir(path.join(workspace.path, 'sub'))).toEqual([]);
  await gitIn(workspace.path, ...allow, 'submodule', '--quiet', 'update', '--init');
  await scene.workspaces.reset(workspace, { task: 'two', signal });
  expect(await readdir(path.join(workspace.path, 'sub'))).toEqual([]);
  await gitIn(workspace.path, ...allow, 'submodule', '--quiet', 'update', '--init');
  await writeIn(workspace.path, 'sub/a.txt', 'work\n');

  const resetting = scene.workspaces.reset(workspace, { task: 'three', signal });

  await expect(resetting).rejects.toMatchObject({
    code: 'WORKTREE',
    message: expect.stringContaining('`sub`'),
  });
  expect(await readFile(path.join(workspace.path, 'sub/a.txt'), 'utf8')).toBe('work\n');
});

test('a filter that fails stops the reset, and nothing is lost', async () => {
  await using scene = await stage();
  await scene.write('.gitattributes', '*.bin filter=large\n');
  await commitAll(scene.repository, 'attributes');
  const workspace = await scene.workspaces.acquire(task);
  await scene.git('config', 'filter.large.clean', 'false');
  await scene.git('config', 'filter.large.required', 'true');
  await writeIn(workspace.path, 'work.bin', 'work\n');

  const resetting = scene.workspaces.reset(workspace, { task: 'two', signal });

  await expect(resetting).rejects.toMatchObject({
    code: 'WORKTREE',
    message: expect.stringContaining('work.bin'),
  });
  expect(await readFile(path.join(workspace.path, 'work.bin'), 'utf8')).toBe('work\n');
});

test('a worktree of a process that died is taken over, and its work is saved', async () => {
  await using scene = await stage();
  const workspace = await scene.workspaces.acquire({ ...task, attempt: 2 });
  await writeIn(workspace.path, 'a.txt', 'work\n');
  await writeIn(path.join(scene.repository, '.git/worktrees/slot-0'), 'index.lock', '');
  const lease = path.join(scene.repository, '.git/claude-pool/leases/main/slot-0.json');
  const { pid } = spawnSync('true');
  const text = await readFile(lease, 'utf8');
  await writeFile(lease, text.replace(`"pid":${process.pid}`, `"pid":${pid}`));
  const [entry] = (await scene.workspaces.list({ signal })).worktrees;

  await scene.workspaces.acquire({ ...task, task: 'two' });

  expect(entry?.status).toBe('abandoned');
  expect(await scene.git('show', 'refs/claude-pool/preserved/one/2:a.txt')).toBe('work');
});

test.each(['../escape', 'a b', '-x', 'x.lock', ''])('the id %j is refused', async (id) => {
  await using scene = await stage();

  await expect(scene.workspaces.acquire({ ...task, id })).rejects.toMatchObject({ code: 'WORKTREE' });
});

test('two repositories of one name do not meet in one folder', async () => {
  await using scene = await stage();
  const other = await scratchFolder();
  await makeRepository(path.join(other, 'repository'));

  const one = await scene.workspaces.acquire(task);
  const two = await scene.again({ repository: path.join(other, 'repository') }).acquire(task);
  await rm(other, { recursive: true });

  expect(one.path).not.toBe(two.path);
});
