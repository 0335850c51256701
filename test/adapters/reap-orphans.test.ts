import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import type { Options } from 'execa';
import { expect, onTestFinished, test } from 'vitest';
import { claudeDriver } from '../../src/claude/driver.ts';
import { processTree, survivors } from '../../src/processes/process-tree.ts';
import type { ProcessIdentity } from '../../src/processes/process-tree.ts';
import { reapOrphans } from '../../src/claude/reap-orphans.ts';
import { SESSION_MARK, hostOf, sessionMark, thisHost } from '../../src/processes/session-mark.ts';
import type { Host } from '../../src/processes/session-mark.ts';
import { fakeClaude } from '../../src/testing/fake-claude.ts';
import { processesMarked } from '../../src/testing/process-table.ts';

const isLinux = process.platform === 'linux';
const isRoot = process.getuid?.() === 0;
const driverModule = fileURLToPath(new URL('../../dist/src/claude/driver.js', import.meta.url));

test.runIf(isLinux)('a mark tells who owns the session', () => {
  expect(hostOf(sessionMark())).toEqual(thisHost());
  expect(thisHost()).toMatchObject({ pid: process.pid });
});

test('a mark that does not tell its owner, or not in the known way, has none', () => {
  const marks = ['', 'uuid', 'uuid/7', 'uuid/7/8', 'uuid/0/8/pid:[9]', 'uuid/x/8/pid:[9]', 'uuid/7/8/9/10'];

  expect(marks.map(hostOf)).toEqual(marks.map(() => undefined));
});

test.runIf(isLinux)(
  'what is left of a host lives as long as the host, and ends with its tree when that is gone',
  async () => {
    await using host = await started('exec sleep 60');
    await using left = await started('env -i sleep 60 & wait', { mark: markOf(host.identity) });
    const tree = await treeOf(left, 2);

    await reapOrphans();
    const before = await survivors(tree);
    await host.kill();
    await reapOrphans();

    expect(before).toEqual(tree);
    expect(await survivors(tree)).toEqual([]);
  },
);

test.runIf(isLinux)('a host whose pid another process has got is gone', async () => {
  await using left = await started('exec sleep 60', {
    mark: markOf({ pid: process.pid, startedAt: '1' }),
  });

  await reapOrphans();

  expect(await survivors([left.identity])).toEqual([]);
});

test.runIf(isLinux)('a host that has ended and waits for its parent is gone', async () => {
  await using parent = await started('sleep 60 & exec sleep 60');
  const [, host = parent.identity] = await treeOf(parent, 2);
  await using left = await started('exec sleep 60', { mark: markOf(host) });
  process.kill(host.pid, 'SIGKILL');

  await reapOrphans();

  expect(await survivors([left.identity])).toEqual([]);
});

test.runIf(isLinux)('a process whose owner is not known for sure is left alone', async () => {
  const gone = { pid: process.pid, startedAt: '1' };
  const marks = ['no-owner', markOf(gone, 'pid:[1]'), `${markOf(gone)}/more`];
  await using one = await started('exec sleep 60', { mark: marks[0] });
  await using two = await started('exec sleep 60', { mark: marks[1] });
  await using three = await started('exec sleep 60', { mark: marks[2] });
  const identities = [one, two, three].map(({ identity }) => identity);

  await reapOrphans();

  expect(await survivors(identities)).toEqual(identities);
});

test.runIf(isLinux)(
  'a process inside an orphaned session ends neither itself, nor its ancestors, nor its session',
  async () => {
    const mark = markOf({ pid: process.pid, startedAt: '1' });
    const inner = `${SESSION_MARK}=${markOf({ pid: process.pid, startedAt: '2' })}`;
    await using session = await started(`${inner} sh -c "sleep 60 & sleep 60; true" & wait`, { mark });
    const tree = await treeOf(session, 4);
    const leaf = tree.at(-1)?.pid;
    // While a process begins another program, its environment cannot be read.
    await expect.poll(() => readFile(`/proc/${leaf}/cmdline`, 'utf8')).toBe('sleep\x0060\x00');

    await reapOrphans(leaf);

    expect(await survivors(tree)).toEqual(tree);
  },
);

test.runIf(isLinux && isRoot)("another user's process is left alone", async () => {
  const mark = markOf({ pid: process.pid, startedAt: '1' });
  await using theirs = await started('exec sleep 60', { mark, options: { uid: 65_534 } });

  await reapOrphans();

  expect(await survivors([theirs.identity])).toEqual([theirs.identity]);
});

test.runIf(isLinux)(
  'what a killed host has left is gone when another one has opened its first session',
  async () => {
    const { args, command, env } = fakeClaude({
      version: '2.1.197',
      script: { rules: [{ when: 'start', answers: [bash('setsid sleep 600 & echo'), bash('sleep 600')] }] },
    });
    const slotId = `slot-killed-${process.pid}`;
    const launch = { slotId, permissionMode: 'bypassPermissions', tools: ['Bash'] };
    const script = `
    import { claudeDriver } from ${JSON.stringify(driverModule)};
    const driver = claudeDriver(${JSON.stringify({ args, command, env })});
    const { signal } = new AbortController();
    const session = await driver.open(${JSON.stringify(launch)}, { signal });
    await session.run({ prompt: 'start' }, { signal });`;
    const host = execa(process.execPath, ['--input-type=module', '--eval', script], { reject: false });
    onTestFinished(() => void host.kill('SIGKILL'));
    await expect.poll(() => processesMarked(slotId), { timeout: 10_000 }).toHaveLength(3);

    host.kill('SIGKILL');
    await host;
    const before = await processesMarked(slotId);
    const driver = claudeDriver({ args, command, env });
    const session = await driver.open({ slotId: 'slot-next' }, { signal: new AbortController().signal });
    const after = await processesMarked(slotId);
    await session.close();

    expect(before).not.toEqual([]);
    expect(after).toEqual([]);
  },
);

interface Started extends AsyncDisposable {
  readonly pid: number;
  readonly identity: ProcessIdentity;
  readonly kill: () => Promise<void>;
}

interface StartOptions {
  readonly mark?: string | undefined;
  readonly options?: Pick<Options, 'uid'>;
}

/** Starts a shell, waits until it has begun, and ends it with its tree at the end of the test. */
async function started(script: string, { mark = '', options = {} }: StartOptions = {}): Promise<Started> {
  const child = execa('sh', ['-c', `echo begun; ${script}`], {
    ...options,
    buffer: false,
    cwd: '/',
    env: { [SESSION_MARK]: mark },
    reject: false,
  });
  await once(child.stdout, 'data');
  child.stdout.resume();
  const { pid = 0 } = child;
  const [identity = { pid, startedAt: '' }] = await processTree(pid);
  const kill = async (): Promise<void> => {
    for (const found of await processTree(pid)) process.kill(found.pid, 'SIGKILL');
    await child;
  };
  return { pid, identity, kill, [Symbol.asyncDispose]: kill };
}

async function treeOf({ pid }: Started, size: number): Promise<readonly ProcessIdentity[]> {
  await expect.poll(async () => (await processTree(pid)).length).toBe(size);
  return processTree(pid);
}

function markOf(host: ProcessIdentity | undefined, namespace = thisHost()?.namespace ?? ''): string {
  const owner: Host = { pid: host?.pid ?? 0, startedAt: host?.startedAt ?? '', namespace };
  return sessionMark(owner);
}

function bash(command: string) {
  return { toolUse: { name: 'Bash', input: { command } } };
}
