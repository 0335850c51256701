import { access, chmod, readFile, watch, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { execa } from 'execa';
import { expect, test, vi } from 'vitest';
import { announcedGitEnd } from '../../src/workspaces/announced-git.ts';
import { takeLockFile } from '../../src/workspaces/lock-file.ts';
import { identityOf, mayLive } from '../../src/workspaces/process-identity.ts';
import { builtProgram } from '../built-program.ts';
import { commitAll, stage, writeIn } from '../contracts/workspaces-stage.ts';
import type { Stage } from '../contracts/workspaces-stage.ts';

const WORKER = builtProgram(new URL('reset-worker.ts', import.meta.url));
const signal = new AbortController().signal;

test('a reset whose git outlived its pool ends before the next task writes there', async () => {
  await using scene = await stage();
  await using cut = await cutOff(scene);

  const taking = scene.again().acquire({ id: 'slot-0', task: 'three', signal });
  const writing = taking.then(({ path: folder }) => writeIn(folder, 'z.txt', 'of task three\n'));
  await Promise.race([writing, cut.comesToTheLock()]);
  await cut.goOn();
  await writing;

  const { path: folder } = await taking;
  expect(await readFile(path.join(folder, 'z.txt'), 'utf8')).toBe('of task three\n');
  const [{ ref } = { ref: '' }] = (await scene.workspaces.list({ signal })).preserved;
  expect(await scene.git('show', `${ref}:z.txt`)).toBe('z\nof task one');
});

test('who gives up waiting for that git leaves the worktree to the next one as it was', async () => {
  await using scene = await stage();
  await using cut = await cutOff(scene);
  const impatient = new AbortController();

  const taking = scene.again().acquire({ id: 'slot-0', task: 'three', signal: impatient.signal });
  await Promise.race([taking, cut.comesToTheLock()]);
  impatient.abort(new Error('enough'));

  await expect(taking).rejects.toThrow('enough');
  const { worktrees } = await scene.workspaces.list({ signal });
  expect(worktrees).toMatchObject([{ id: 'slot-0', task: 'one', status: 'abandoned' }]);
});

test('every git that changes a worktree stands in its lock before it begins', async () => {
  await using scene = await stage();
  const log = path.join(scene.home, 'log');
  const lock = path.join(scene.repository, '.git/claude-pool/leases/main/slot-0.lock');
  const program = path.join(scene.home, 'git');
  const real = (await execa('sh', ['-c', 'command -v git'])).stdout;
  await writeFile(
    program,
    `#!/bin/sh\ngrep -q "\\"pid\\":$$," '${lock}' 2>/dev/null && echo "$*" >> '${log}'\nexec '${real}' "$@"\n`,
  );
  await chmod(program, 0o755);
  const workspaces = scene.again({ env: { ...process.env, PATH: `${scene.home}:${process.env['PATH']}` } });

  const workspace = await workspaces.acquire({ id: 'slot-0', task: 'one', signal });
  await writeIn(workspace.path, 'a.txt', 'of task one\n');
  const ref = await workspaces.preserve(workspace, { task: 'one', attempt: 1, signal });
  await workspaces.reset(workspace, {
    task: 'one',
    work: { ref: ref ?? '', base: workspace.base, dirty: true },
    signal,
  });
  await workspaces.remove(workspace, { signal });

  const commands = (await readFile(log, 'utf8')).trim().split('\n');
  const verbs = commands.map((line) => /submodule\.recurse=false (worktree \w+|\S+)/.exec(line)?.[1]);
  const acquired = ['worktree add', 'checkout', 'clean'];
  const reset = ['checkout', 'clean', 'reset'];
  const removed = ['checkout', 'clean', 'worktree remove', 'update-ref'];
  expect(verbs).toEqual([...acquired, ...reset, ...removed]);
});

test('a git that does not end is named after the longest wait, and left in peace', async () => {
  await using scene = await stage();
  const lock = path.join(scene.home, 'git.lock');
  const release = await takeLockFile(lock, signal);

  const waiting = announcedGitEnd(lock, { signal, longestMs: 1 });

  await expect(waiting).rejects.toMatchObject({ code: 'WORKTREE', message: expect.stringContaining(lock) });
  await release();
  await announcedGitEnd(lock, { signal });
});

interface Cut extends AsyncDisposable {
  /** The next pool has found that git at work. */
  comesToTheLock(): Promise<void>;
  /** Git goes on writing files, and ends. */
  goOn(): Promise<void>;
}

/** The pool of a reset has been killed, and its git waits in the middle of the files. */
async function cutOff({ repository, home, git, write }: Stage): Promise<Cut> {
  await write('.gitattributes', 'slow.txt filter=slow\n');
  await write('slow.txt', 'slow\n');
  await write('z.txt', 'z\n');
  await commitAll(repository, 'second');
  const gate = path.join(home, 'gate');
  const begun = path.join(home, 'begun');
  await execa('mkfifo', [gate]);
  const filter = path.join(home, 'filter');
  // The first checkout of a worktree is not the reset.
  await writeFile(
    filter,
    `#!/bin/sh\nif [ -e '${begun}.first' ]; then echo $PPID > '${begun}'; read -r go < '${gate}'; else touch '${begun}.first'; fi\ncat\n`,
  );
  await chmod(filter, 0o755);
  await git('config', 'filter.slow.smudge', filter);
  const files = ['slow.txt', 'z.txt'];
  const worker = execa(process.execPath, [WORKER, repository, path.join(home, 'worktrees'), ...files], {
    reject: false,
  });
  await vi.waitFor(() => access(begun), 20_000);
  const orphan = await identityOf(Number(await readFile(begun, 'utf8')));
  worker.kill('SIGKILL');
  await worker;
  // The next checkout leaves the file alone: the first git finds its name taken otherwise, and dies of that.
  await git('rm', '--quiet', 'slow.txt');
  await commitAll(repository, 'third');
  const watching = new AbortController();
  let isOpen = false;
  const goOn = async (): Promise<void> => {
    if (isOpen) return;
    isOpen = true;
    await writeFile(gate, 'go\n');
    await vi.waitFor(async () => expect(await mayLive(orphan)).toBe(false), 20_000);
  };
  return {
    goOn,
    async comesToTheLock() {
      const leases = path.join(repository, '.git/claude-pool/leases');
      for await (const { filename } of watch(leases, { recursive: true, signal: watching.signal }))
        if (/slot-0\.lock\./.test(filename ?? '')) return;
    },
    async [Symbol.asyncDispose]() {
      watching.abort();
      await goOn();
    },
  };
}
