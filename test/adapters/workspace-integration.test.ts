import { readFile, readdir } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { processesMarked } from 'claude-pool/testing';
import type { MergeMode } from '../../src/workspaces/port.ts';
import { commitAll, gitIn, stage, writeIn } from '../contracts/workspaces-stage.ts';
import type { Stage } from '../contracts/workspaces-stage.ts';

const signal = new AbortController().signal;

test('ff moves the branch, and the files of its checkout with it', async () => {
  await using scene = await stage();
  const from = await workOn(scene, { 'a.txt': 'work\n' });

  const integration = await scene.workspaces.integrate({ from, into: 'main', mode: 'ff', signal });

  const commit = await scene.git('rev-parse', from);
  expect(integration).toEqual({
    status: 'merged',
    into: 'main',
    commit,
    previous: await scene.git('rev-parse', `${from}^`),
  });
  expect(await scene.git('rev-parse', 'main')).toBe(commit);
  expect(await readFile(path.join(scene.repository, 'a.txt'), 'utf8')).toBe('work\n');
  expect(await scene.git('status', '--porcelain')).toBe('');
});

test('ff of a branch that diverged changes nothing', async () => {
  await using scene = await stage();
  const from = await workOn(scene, { 'a.txt': 'work\n' });
  const main = await goOn(scene);

  const integration = await scene.workspaces.integrate({ from, into: 'main', mode: 'ff', signal });

  expect(integration).toEqual({ status: 'diverged', into: 'main' });
  expect(await scene.git('rev-parse', 'main')).toBe(main);
});

test.each<readonly [MergeMode, string]>([
  ['merge', 'Merge claude-pool/main/slot-0 into main\nwork\nuser\nfirst'],
  ['squash', 'Merge claude-pool/main/slot-0 into main\nuser\nfirst'],
  ['rebase', 'work\nuser\nfirst'],
])('%s brings both sides together', async (mode, history) => {
  await using scene = await stage();
  const from = await workOn(scene, { 'a.txt': 'work\n', 'new.txt': 'new\n' });
  await goOn(scene);

  const { status } = await scene.workspaces.integrate({ from, into: 'main', mode, signal });

  expect(status).toBe('merged');
  expect(await scene.git('log', '--format=%s', '--topo-order', 'main')).toBe(history);
  expect(await scene.git('show', 'main:a.txt', 'main:b.txt', 'main:new.txt')).toBe('work\nuser\nnew');
  expect(await scene.git('status', '--porcelain')).toBe('');
});

test('a rebase keeps the author of each commit', async () => {
  await using scene = await stage();
  const from = await workOn(scene, { 'a.txt': 'work\n' });
  await goOn(scene);
  const author = await scene.git('log', '-1', '--format=%an %ae %ad', from);

  await scene.workspaces.integrate({ from, into: 'main', mode: 'rebase', signal });

  expect(await scene.git('log', '-1', '--format=%an %ae %ad', 'main')).toBe(author);
});

test.each<MergeMode>(['merge', 'squash', 'rebase'])(
  'a conflict of %s names its files and changes nothing',
  async (mode) => {
    await using scene = await stage();
    const from = await workOn(scene, { 'a.txt': 'work\n', 'b.txt': 'work\n', 'new.txt': 'new\n' });
    const main = await goOn(scene);

    const integration = await scene.workspaces.integrate({ from, into: 'main', mode, signal });

    expect(integration).toEqual({ status: 'conflict', into: 'main', files: ['b.txt'] });
    expect(await scene.git('rev-parse', 'main')).toBe(main);
    expect(await scene.git('status', '--porcelain')).toBe('');
    expect(await scene.git('worktree', 'list')).not.toContain('integration');
  },
);

test('work goes to the branch that is checked out when none is named, and to none when HEAD is detached', async () => {
  await using scene = await stage();
  const from = await workOn(scene, { 'new.txt': 'new\n' });
  const integration = await scene.workspaces.integrate({ from, mode: 'ff', signal });
  await scene.git('checkout', '--quiet', '--detach');

  const detached = scene.workspaces.integrate({ from, mode: 'ff', signal });

  expect(integration).toMatchObject({ status: 'merged', into: 'main' });
  await expect(detached).rejects.toMatchObject({
    code: 'WORKTREE',
    message: expect.stringContaining('Name the branch with `into`'),
  });
});

test('a branch that is checked out with uncommitted changes is left where it is', async () => {
  await using scene = await stage();
  const from = await workOn(scene, { 'a.txt': 'work\n' });
  await scene.write('b.txt', 'not committed\n');
  const main = await scene.git('rev-parse', 'main');

  const integrating = scene.workspaces.integrate({ from, into: 'main', mode: 'ff', signal });

  await expect(integrating).rejects.toMatchObject({
    code: 'WORKTREE',
    message: expect.stringContaining('uncommitted changes'),
  });
  expect(await scene.git('rev-parse', 'main')).toBe(main);
  expect(await readFile(path.join(scene.repository, 'b.txt'), 'utf8')).toBe('not committed\n');
});

test('an untracked file that would be overwritten stops the merge', async () => {
  await using scene = await stage();
  const from = await workOn(scene, { 'new.txt': 'work\n' });
  await scene.write('new.txt', 'untracked\n');

  const integrating = scene.workspaces.integrate({ from, into: 'main', mode: 'ff', signal });

  await expect(integrating).rejects.toMatchObject({ code: 'WORKTREE' });
  expect(await readFile(path.join(scene.repository, 'new.txt'), 'utf8')).toBe('untracked\n');
});

test('an ignored file that would be overwritten stops the merge', async () => {
  await using scene = await stage();
  await scene.write('.gitignore', '*.env\n');
  await commitAll(scene.repository, 'ignore');
  const workspace = await scene.workspaces.acquire({ id: 'slot-0', task: 'one', signal });
  await writeIn(workspace.path, 'secret.env', 'work\n');
  await gitIn(workspace.path, 'add', '--force', 'secret.env');
  await commitAll(workspace.path, 'work');
  await scene.write('secret.env', 'of the user\n');

  const integrating = scene.workspaces.integrate({
    from: workspace.branch,
    into: 'main',
    mode: 'ff',
    signal,
  });

  await expect(integrating).rejects.toMatchObject({
    code: 'WORKTREE',
    message: expect.stringContaining('`secret.env`'),
  });
  expect(await readFile(path.join(scene.repository, 'secret.env'), 'utf8')).toBe('of the user\n');
});

test('a checkout in which another git is at work is left alone', async () => {
  await using scene = await stage();
  const from = await workOn(scene, { 'a.txt': 'work\n' });
  await scene.write('.git/index.lock', '');

  const integrating = scene.workspaces.integrate({ from, into: 'main', mode: 'ff', signal });

  await expect(integrating).rejects.toMatchObject({
    code: 'WORKTREE',
    message: expect.stringContaining('index.lock` is there'),
  });
  expect(await scene.git('status', '--porcelain')).toBe('');
  expect(await readdir(path.join(scene.repository, '.git'))).toContain('index.lock');
});

test('work that was squashed before adds nothing a second time', async () => {
  await using scene = await stage();
  const from = await workOn(scene, { 'a.txt': 'work\n' });
  await goOn(scene);
  const integrate = (): Promise<unknown> =>
    scene.workspaces.integrate({ from, into: 'main', mode: 'squash', signal });
  await integrate();
  const commit = await scene.git('rev-parse', 'main');

  const again = await integrate();

  expect(again).toEqual({ status: 'merged', into: 'main', commit, previous: commit });
});

test('a branch that is not checked out moves without a checkout', async () => {
  await using scene = await stage();
  await scene.git('branch', 'release');
  const from = await workOn(scene, { 'a.txt': 'work\n' });
  await scene.write('a.txt', 'not committed\n');

  const { status } = await scene.workspaces.integrate({ from, into: 'release', mode: 'squash', signal });

  expect(status).toBe('merged');
  expect(await scene.git('show', 'release:a.txt')).toBe('work');
  expect(await scene.git('status', '--porcelain')).toBe(' M a.txt');
});

test('verify sees the outcome, and what it rejects is not merged', async () => {
  await using scene = await stage();
  const from = await workOn(scene, { 'a.txt': 'work\n' });
  const main = await goOn(scene);
  const verify = ['sh', '-c', 'cat a.txt b.txt; touch left-over; exit 3'] as const;

  const integration = await scene.workspaces.integrate({
    from,
    into: 'main',
    mode: 'merge',
    verify: [...verify],
    signal,
  });

  expect(integration).toEqual({
    status: 'rejected',
    into: 'main',
    output: expect.stringMatching(/^work\nuser\n[^]*exit code 3/),
  });
  expect(await scene.git('rev-parse', 'main')).toBe(main);
});

test('verify that passes lets the work in, and leaves no ref of its own', async () => {
  await using scene = await stage();
  const from = await workOn(scene, { 'a.txt': 'work\n' });
  await goOn(scene);
  const integrate = (verify: [string]): Promise<unknown> =>
    scene.workspaces.integrate({ from, into: 'main', mode: 'merge', verify, signal });

  await integrate(['false']);
  const integration = await integrate(['true']);

  expect(integration).toMatchObject({ status: 'merged' });
  expect(await scene.git('for-each-ref', 'refs/claude-pool')).toBe('');
});

test('verify that does not end is ended with all its processes', async () => {
  await using scene = await stage();
  const from = await workOn(scene, { 'a.txt': 'work\n' });

  const integration = await scene.workspaces.integrate({
    from,
    into: 'main',
    mode: 'ff',
    verify: ['sh', '-c', 'sleep 600 & sleep 600'],
    verifyTimeoutMs: 100,
    signal,
  });

  expect(integration).toEqual({
    status: 'rejected',
    into: 'main',
    output: expect.stringContaining('within 100 ms'),
  });
});

test('what verify leaves behind in a session of its own is ended', async () => {
  await using scene = await stage();
  const from = await workOn(scene, { 'a.txt': 'work\n' });
  const file = path.join(scene.home, 'begun');
  const daemon = `setsid sh -c 'touch ${file}; exec sleep 600' > /dev/null 2>&1 &`;
  const verify = ['sh', '-c', `${daemon} until [ -e ${file} ]; do :; done`] as const;
  const workspaces = scene.again({ env: { ...process.env, VERIFY_TEST: scene.home } });

  await workspaces.integrate({ from, into: 'main', mode: 'ff', verify: [...verify], signal });

  expect(await processesMarked(`VERIFY_TEST=${scene.home}`)).toEqual([]);
});

test('integrations of one repository take turns, so that eight on one branch all arrive', async () => {
  await using scene = await stage();
  const sources = await Promise.all(
    Array.from({ length: 8 }, async (_, slot) => {
      const id = `slot-${slot}`;
      const workspace = await scene.workspaces.acquire({ id, task: id, signal });
      await writeIn(workspace.path, `${id}.txt`, 'work\n');
      return (await scene.workspaces.preserve(workspace, { task: id, attempt: 1, signal })) ?? '';
    }),
  );

  const integrations = await Promise.all(
    sources.map((from) => scene.again().integrate({ from, into: 'main', mode: 'rebase', signal })),
  );

  expect(new Set(integrations.map(({ status }) => status))).toEqual(new Set(['merged']));
  const names = await readdir(scene.repository);
  expect(names.filter((name) => name.startsWith('slot-'))).toHaveLength(8);
});

async function workOn(scene: Stage, files: Readonly<Record<string, string>>): Promise<string> {
  const workspace = await scene.workspaces.acquire({ id: 'slot-0', task: 'one', signal });
  for (const [file, text] of Object.entries(files)) await writeIn(workspace.path, file, text);
  await commitAll(workspace.path, 'work');
  return workspace.branch;
}

async function goOn(scene: Stage): Promise<string> {
  await scene.write('b.txt', 'user\n');
  return commitAll(scene.repository, 'user');
}
