import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { processesMarked } from 'claude-pool/testing';
import { expect, test } from 'vitest';
import { scratch, seen, start, startInTerminal } from './command-line.ts';
import type { Scratch } from './command-line.ts';

const escape = String.fromCodePoint(27);

for (const [args, cast] of [
  [[], 'the real Claude CLI 2.1.330'],
  [['--fake'], 'a stand-in for the Claude CLI'],
] as const) {
  test(`the demo completes twelve tasks on four slots of ${cast} and leaves nothing behind`, async () => {
    await using place = await scratch();

    const { exitCode, stdout, stderr } = await start(['demo', ...args], place);

    expect([exitCode, stderr]).toEqual([0, '']);
    expect(stdout).toContain(`12 tasks on 4 slots of ${cast}.`);
    expect(stdout.match(/│ completed +│ slot-[0-3] │/g)).toHaveLength(12);
    expect(stdout).toMatch(/│ 12 tasks +│ 12 completed │/);
    expect(stdout).toMatch(/answers are simulated .*: no account is used, nothing is billed/);
    expect(await leftBy(place)).toEqual([]);
  });
}

test('without a terminal the demo prints a plain line for each event', async () => {
  await using place = await scratch();

  const { stdout } = await start(['demo', '--fake', '--slots', '2', '--tasks', '3'], place);

  const lines = stdout.split('\n').filter((line) => /^ +\d+\.\d\ds  /.test(line));
  const states = lines.map((line) => line.trim().split(/ +/)[1]);
  for (const state of ['submitted', 'running', 'completed']) {
    expect(states.filter((other) => other === state)).toHaveLength(3);
  }
  expect(lines).toHaveLength(9);
  expect(stdout).not.toContain(escape);
});

test('with `--json` stdout is the summary as one object', async () => {
  await using place = await scratch();

  const { exitCode, stdout } = await start(['demo', '--fake', '--tasks', '2', '--json'], place);

  expect(exitCode).toBe(0);
  expect(JSON.parse(stdout)).toEqual({
    data: {
      tasks: [row('list the files'), row('explain the queue')],
      totals: expect.objectContaining({ tasks: 2, completed: 2 }),
    },
    meta: { version: expect.any(String), simulated: true, billedUsd: 0, realCli: false },
  });
});

test('no slots are wrong usage', async () => {
  await using place = await scratch();

  const result = await start(['demo', '--slots', '0'], place);

  expect(result).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('whole number above 0') });
});

for (const [signal, exitCode] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const) {
  test(`${signal} during the demo on the real CLI leaves no process and no file`, async () => {
    await using place = await scratch();
    const child = start(['demo'], place);

    await seen(child.stdout, 's  running');
    const living = await processesMarked(place.folder);
    child.kill(signal);
    const { stderr, ...end } = await child;

    expect(living.length).toBeGreaterThanOrEqual(5);
    expect([end.exitCode, stderr]).toEqual([exitCode, expect.stringContaining(`Cancelled by ${signal}.`)]);
    expect(await leftBy(place)).toEqual([]);
  });
}

test('a second Ctrl-C ends the demo at once, also when Claude does not move, and leaves nothing behind', async () => {
  await using place = await scratch();
  const child = start(['demo', '--fake'], place);

  await seen(child.stdout, 's  running');
  for (const id of await processesMarked(place.folder)) if (id !== child.pid) process.kill(id, 'SIGSTOP');
  child.kill('SIGINT');
  await seen(child.stderr, 'again to exit at once');
  child.kill('SIGINT');

  expect(await child).toMatchObject({ exitCode: 130 });
  // A process that was killed by one that is gone still takes a moment to die.
  await expect.poll(() => leftBy(place)).toEqual([]);
});

test('in a terminal the demo draws a line for each slot, and Ctrl-C ends it', async () => {
  await using place = await scratch();
  const child = startInTerminal(['demo', '--fake', '--slots', '3'], { ...place, rows: 24, columns: 100 });

  await seen(child.stdout, `slot-2 `);
  child.stdin.write('\u0003');
  const { exitCode, stdout } = await child;

  expect(stdout).toContain(`${escape}[`);
  expect(stdout).toMatch(/\d+ waiting · \d+ running/);
  expect(exitCode).toBe(130);
  expect(await leftBy(place)).toEqual([]);
});

function row(task: string) {
  return expect.objectContaining({ task, state: 'completed', slot: expect.stringMatching(/^slot-/) });
}

/** Processes and files that are still there. */
async function leftBy({ folder, temp }: Scratch): Promise<readonly (number | string)[]> {
  const files = await readdir(folder, { recursive: true });
  return [...(await processesMarked(folder)), ...files.filter((file) => file !== path.basename(temp))];
}
