import { access, chmod, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { execa } from 'execa';
import { expect, test, vi } from 'vitest';
import { builtProgram } from '../built-program.ts';
import { commitAll, stage, writeIn } from '../contracts/workspaces-stage.ts';
import type { Stage } from '../contracts/workspaces-stage.ts';

const WORKER = builtProgram(new URL('merge-worker.ts', import.meta.url));
const signal = new AbortController().signal;

test('a merge whose pool and git were killed among the files is taken back by the next pool', async () => {
  await using scene = await stage();
  await using cut = await cutOff(scene);
  const half = await scene.git('status', '--porcelain');
  const blocked = scene.git('commit', '--all', '--message', 'half a merge');
  await expect(blocked).rejects.toThrow('index.lock');
  await writeIn(scene.repository, 'b.txt', 'of the user\n');
  await cut.killGit();

  await scene.again().check({ signal });

  expect(half).toContain(' M a.txt');
  expect(half).toContain('?? dir/');
  expect(await scene.git('rev-parse', 'main')).toBe(cut.previous);
  expect(await scene.git('status', '--porcelain')).toBe(' M b.txt\n?? notes.txt');
  expect(await scene.git('diff-files', '--name-only')).toBe('b.txt');
  expect(await readdir(scene.repository)).not.toContain('dir');
  expect(await leftIn(scene)).toEqual([]);
  await scene.git('checkout', '--quiet', 'b.txt');
  const { status } = await scene.workspaces.integrate({ from: cut.from, into: 'main', mode: 'ff', signal });
  expect(status).toBe('merged');
  expect(await scene.git('status', '--porcelain')).toBe('?? notes.txt');
});

test('a merge whose git outlived its pool is waited for, and is there whole', async () => {
  await using scene = await stage();
  await using cut = await cutOff(scene);
  await scene.git('config', 'filter.slow.smudge', 'cat');

  const [, pruned] = await Promise.all([cut.goOn(), scene.again().prune({ signal })]);

  expect(pruned.kept).toEqual([]);
  expect(await scene.git('rev-parse', 'main')).toBe(await scene.git('rev-parse', cut.from));
  expect(await scene.git('status', '--porcelain')).toBe('?? notes.txt');
  expect(await readFile(path.join(scene.repository, 'z.txt'), 'utf8')).toBe('task\n');
  expect(await leftIn(scene)).toEqual([]);
});

interface Cut extends AsyncDisposable {
  readonly from: string;
  readonly previous: string;
  /** Git goes on writing files. */
  goOn(): Promise<void>;
  killGit(): Promise<void>;
}

/** The pool of a merge has been killed, and its git waits in the middle of the files. */
async function cutOff(scene: Stage): Promise<Cut> {
  const { repository, home, git, write } = scene;
  await write('.gitattributes', 'slow.txt filter=slow\n');
  await write('slow.txt', 'slow\n');
  await write('z.txt', 'z\n');
  const previous = await commitAll(repository, 'second');
  const workspace = await scene.workspaces.acquire({ id: 'slot-0', task: 'one', signal });
  for (const file of ['a.txt', 'dir/new.txt', 'slow.txt', 'z.txt'])
    await writeIn(workspace.path, file, 'task\n');
  await rm(path.join(workspace.path, 'b.txt'));
  await commitAll(workspace.path, 'work');
  await write('notes.txt', 'untracked\n');
  const gate = path.join(home, 'gate');
  const begun = path.join(home, 'begun');
  await execa('mkfifo', [gate]);
  const filter = path.join(home, 'filter');
  await writeFile(filter, `#!/bin/sh\ntouch '${begun}'\nread -r go < '${gate}'\ncat\n`);
  await chmod(filter, 0o755);
  await git('config', 'filter.slow.smudge', filter);
  const worker = execa(
    process.execPath,
    [WORKER, repository, path.join(home, 'worktrees'), workspace.branch],
    { reject: false },
  );
  await vi.waitFor(() => access(begun), 20_000);
  const lock = await readFile(path.join(repository, '.git/claude-pool/advance-git.lock'), 'utf8');
  const { pid } = JSON.parse(lock);
  worker.kill('SIGKILL');
  await worker;
  let isOpen = false;
  const goOn = async (): Promise<void> => {
    isOpen = true;
    await writeFile(gate, 'go\n');
  };
  return {
    from: workspace.branch,
    previous,
    goOn,
    async killGit() {
      process.kill(pid, 'SIGKILL');
      await goOn();
      await git('config', 'filter.slow.smudge', 'cat');
    },
    async [Symbol.asyncDispose]() {
      if (!isOpen) await goOn();
    },
  };
}

/** Files of the merge in the git folder. The lock of merges is taken over by the next one. */
async function leftIn({ repository }: Stage): Promise<readonly string[]> {
  const names = await readdir(path.join(repository, '.git'), { recursive: true });
  return names.filter(
    (name) => /\.lock$|claude-pool-index|advance/.test(name) && !name.endsWith('integrate.lock'),
  );
}
