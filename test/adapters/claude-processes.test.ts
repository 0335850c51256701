import { execa } from 'execa';
import { expect, test } from 'vitest';
import { startProcess } from '../../src/claude/claude-process.ts';
import type { ClaudeProcess } from '../../src/claude/claude-process.ts';
import { closeProcess, killProcess } from '../../src/claude/close-process.ts';
import { SESSION_MARK } from '../../src/processes/session-mark.ts';
import { markedProcesses, processTree, survivors } from '../../src/processes/process-tree.ts';
import type { Line } from '../../src/claude/protocol.ts';

const STEP_MS = 300;
const isLinux = process.platform === 'linux';

test('a process tree holds children and grandchildren, also those in sessions of their own', async () => {
  const shell = execa('sh', ['-c', 'setsid sh -c "sleep 60; true" & wait'], { reject: false });
  const tree = () => processTree(shell.pid ?? 0);

  await expect.poll(async () => (await tree()).length).toBe(3);

  for (const { pid } of await tree()) process.kill(pid, 'SIGKILL');
  expect(await shell).toMatchObject({ signal: 'SIGKILL' });
});

test('a process with the pid of another, but not its start time, is no survivor', async () => {
  const [self] = await processTree(process.pid);

  expect(await survivors([{ pid: process.pid, startedAt: 'another time' }])).toEqual([]);
  expect(await survivors([{ pid: process.pid, startedAt: self?.startedAt ?? '' }])).toEqual([self]);
});

test.runIf(isLinux)('marked processes are found when their parents are gone', async () => {
  const mark = `test-${process.pid}`;
  await execa('sh', ['-c', 'setsid sleep 60 >/dev/null 2>&1 &'], { env: { [SESSION_MARK]: mark } });

  await expect.poll(async () => (await markedProcesses(mark)).length).toBe(1);

  for (const { pid } of await markedProcesses(mark)) process.kill(pid, 'SIGKILL');
});

test('a process that ends with its input is closed without a signal', async () => {
  const { child } = await started('cat >/dev/null');

  await closeProcess(child, STEP_MS);

  expect(await child.exited).toEqual({ code: 0, stderrTail: '' });
});

test('a process that ignores the end of its input gets SIGTERM', async () => {
  const { child } = await started('exec sleep 60');

  await closeProcess(child, STEP_MS);

  expect(await child.exited).toEqual({ signal: 'SIGTERM', stderrTail: '' });
});

test('a process that ignores SIGTERM too is killed', async () => {
  const { child } = await started('trap "" TERM; while true; do sleep 0.05; done');

  await closeProcess(child, STEP_MS);

  expect(await child.exited).toEqual({ signal: 'SIGKILL', stderrTail: '' });
});

test('what a killed process leaves in a session of its own is gone when `exited` settles', async () => {
  const { child } = await started('setsid sleep 60 & wait');
  await expect.poll(async () => (await processTree(child.pid ?? 0)).length).toBe(2);
  const tree = await processTree(child.pid ?? 0);

  await killProcess(child);

  expect(await survivors(tree)).toEqual([]);
});

test('the last line before the end is read, also without a newline', async () => {
  const { child, lines } = await started('printf \'{"type":"last"}\'; echo oops >&2; exit 3');

  const exit = await child.exited;

  expect([lines.at(-1), exit]).toEqual([
    { type: 'unknown', name: 'last' },
    { code: 3, stderrTail: 'oops' },
  ]);
});

test('a program that cannot be started ends with its reason', async () => {
  const child = startProcess({ ...ground, command: ['/no/such/program'], onLine: () => undefined });

  expect(await child.exited).toMatchObject({ stderrTail: expect.stringContaining('ENOENT') });
});

test('a host that exits takes its sessions along', async () => {
  const before = process.listeners('exit');
  const { child } = await started('exec sleep 60');

  const [guard] = process.listeners('exit').filter((listener) => !before.includes(listener));
  guard?.(0);

  expect(await child.exited).toMatchObject({ signal: 'SIGKILL' });
});

const ground = {
  env: (mark: string) => ({ PATH: process.env['PATH'] ?? '', [SESSION_MARK]: mark }),
  cwd: process.cwd(),
  isBound: false,
};

interface Started {
  readonly child: ClaudeProcess;
  readonly lines: readonly Line[];
}

/** Starts a shell, and waits until it has begun. */
async function started(script: string): Promise<Started> {
  const lines: Line[] = [];
  const child = startProcess({
    ...ground,
    command: ['sh', '-c', `echo '{"type":"begun"}'; ${script}`],
    onLine: (line) => lines.push(line),
  });
  await expect.poll(() => lines.length, { interval: 5 }).toBeGreaterThan(0);
  return { child, lines };
}
