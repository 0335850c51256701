import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fakeApi, processesMarked, realClaude, scratchHome } from 'claude-pool/testing';
import type { Script } from 'claude-pool/testing';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { makeRepository } from '../contracts/workspaces-stage.ts';
import { claudeFile, scratch, seen, start } from './command-line.ts';
import type { Scratch } from './command-line.ts';

const never = 600_000;
const hour = 3_600_000;

const script: Script = {
  rules: [
    { when: 'stream', answers: [{ text: ['one ', 'two'], pieceDelayMs: never }] },
    { when: 'pieces', answers: [{ text: ['one ', 'two ', 'three'] }] },
    { when: 'for long', answers: [{ text: Array.from({ length: 500 }, () => 'word '), pieceDelayMs: 20 }] },
    { when: 'refuse', answers: [{ status: 400 }] },
    { when: 'no login', answers: [{ status: 401 }] },
    { when: 'limit', answers: [{ status: 429, resetsAt: Date.now() + hour }] },
    {
      when: 'dear',
      answers: [{ toolUse: { name: 'Read', input: {} }, usage: { outputTokens: 100_000 }, delayMs: 50 }],
    },
    { when: 'hang', answers: [{ hang: 'beforeResult' }] },
    {
      when: 'mend',
      answers: [
        { toolUse: { name: 'Write', input: {} } },
        { toolUse: { name: 'Bash', input: { command: 'echo new > new.txt' } } },
        { text: 'Done.' },
      ],
    },
  ],
};

test('the answer is on stdout, with a line break at its end, and stderr is empty', async () => {
  await using place = await scratch();

  const { exitCode, stdout, stderr } = await run(['pieces'], place);

  expect({ exitCode, stdout, stderr }).toEqual({ exitCode: 0, stdout: 'one two three\n', stderr: '' });
});

test('text is printed as it comes, not at the end', async () => {
  await using place = await scratch();
  const child = start(['run', 'stream', '--claude', await claudeFile(place.folder, { script })], place);

  await seen(child.stdout, 'one ');
  child.kill('SIGTERM');

  expect(await child).toMatchObject({ exitCode: 143, stdout: 'one \n' });
});

test('who names a folder where no pool runs is told that nothing is kept there', async () => {
  await using place = await scratch();
  const folder = path.join(place.folder, 'state');

  const { exitCode, stdout, stderr } = await run(['hello', '--state-dir', folder], place);

  expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: 'echo: hello\n' });
  expect(stderr).toContain(`Nothing is kept in ${folder}`);
  expect(stderr).toContain(`claude-pool serve --state-dir ${folder}`);
});

test('the prompt `-` is read from stdin', async () => {
  await using place = await scratch();

  const { exitCode, stdout } = await run(['-'], place, 'from stdin');

  expect([exitCode, stdout]).toEqual([0, 'echo: from stdin\n']);
});

test('with `--json` stdout is the whole result as one object', async () => {
  await using place = await scratch();

  const { exitCode, stdout, stderr } = await run(['--json', 'hello'], place);

  expect(JSON.parse(stdout)).toEqual({
    data: expect.objectContaining({
      output: 'echo: hello',
      verdict: 'succeeded',
      attempts: 1,
      slotId: 'slot-0',
      spendUsd: expect.any(Number),
      tokensUsed: expect.objectContaining({ input: expect.any(Number) }),
    }),
    meta: { version: expect.stringMatching(/^\d+\.\d+\.\d+$/) },
  });
  expect([exitCode, stderr]).toEqual([0, '']);
});

test('with `--json` a failure is an object too', async () => {
  await using place = await scratch();

  const { exitCode, stdout, stderr } = await run(['--json', 'refuse'], place);

  expect(JSON.parse(stdout)).toEqual({
    error: expect.objectContaining({
      code: 'TASK_FAILED',
      verdict: 'invalidRequest',
      message: expect.stringContaining('400'),
      spendUsd: 0,
    }),
    meta: { version: expect.any(String) },
  });
  expect([exitCode, stderr]).toEqual([1, '']);
});

for (const [prompt, exitCode, told] of [
  ['refuse', 1, 'Check `--model`'],
  ['dear', 4, 'Raise `--budget-usd`'],
  ['no login', 69, 'Log in'],
  ['limit', 75, 'usage limit'],
] as const) {
  test(`a task that ends with "${prompt}" has the exit code ${exitCode} and says what to do`, async () => {
    await using place = await scratch();

    const result = await run([prompt, '--budget-usd', '0.5'], place);

    expect(result).toMatchObject({ exitCode, stderr: expect.stringContaining(told) });
    expect(await processesMarked(place.folder)).toEqual([]);
  });
}

for (const [args, told] of [
  [[], "missing required argument 'prompt'"],
  [[''], 'expected a prompt, got an empty one'],
  [['two', 'words'], 'Quote a prompt of several words'],
  [['x', '--nonsense'], "unknown option '--nonsense'"],
  [['x', '--budget-usd', 'NaN'], 'amount above 0'],
  [['x', '--budget-usd', '0'], 'amount above 0'],
  [['x', '--retries', '-1'], 'whole number'],
  [['x', '--timeout', 'soon'], 'Expected a time above 0'],
  [['x', '--effort', 'heroic'], 'Allowed choices are'],
  [['x', '--cwd', '/nowhere'], 'Expected `cwd` to be a directory'],
  [['x', '--allowed-tools'], 'argument missing'],
] as const) {
  test(`the arguments ${JSON.stringify(args)} are wrong usage`, async () => {
    await using place = await scratch();

    const result = await run(args, place);

    expect(result).toMatchObject({ exitCode: 2, stdout: '', stderr: expect.stringContaining(told) });
  });
}

test('an empty stdin is wrong usage', async () => {
  await using place = await scratch();

  const result = await run(['-'], place, ' \n');

  expect(result).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('got nothing') });
});

test('with `--json` wrong usage is an object too', async () => {
  await using place = await scratch();

  const { exitCode, stdout } = await run(['--json', 'x', '--nonsense'], place);

  expect([exitCode, JSON.parse(stdout)]).toMatchObject([
    2,
    { error: { code: 'INVALID_OPTIONS', message: "unknown option '--nonsense'" } },
  ]);
});

test('a missing claude has an exit code of its own, and the remedy', async () => {
  await using place = await scratch();

  const result = await start(['run', 'hello', '--claude', path.join(place.folder, 'none')], place);

  expect(result).toMatchObject({ exitCode: 69, stderr: expect.stringContaining('npm install --global') });
});

test('`--help` gives examples', async () => {
  await using place = await scratch();

  const result = await start(['--help'], place);

  expect(result).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('$ claude-pool ') });
});

test('`--version` is that of the package', async () => {
  await using place = await scratch();
  const { version } = JSON.parse(await readFile(new URL('../../package.json', import.meta.url), 'utf8'));

  const result = await start(['--version'], place);

  expect(result).toMatchObject({ exitCode: 0, stdout: `${version}\n` });
});

test('a reader of stdout that leaves ends the task quietly', async () => {
  await using place = await scratch();
  const child = start(['run', 'for long', '--claude', await claudeFile(place.folder, { script })], place);

  await seen(child.stdout, 'word ');
  child.stdout.destroy();
  const { exitCode, stderr } = await child;

  expect([exitCode, stderr]).toEqual([141, '']);
  expect(await processesMarked(place.folder)).toEqual([]);
});

test('help for a reader who has left ends quietly', async () => {
  await using place = await scratch();
  const child = start(['run', '--help'], place);

  child.stdout.destroy();
  const { exitCode, stderr } = await child;

  expect([exitCode, stderr]).toEqual([141, '']);
});

test('what was denied, and where work in a git worktree is, is told on stderr', async () => {
  await using place = await scratch();
  const repository = path.join(place.folder, 'repository');
  await makeRepository(repository);
  await mkdir(path.join(repository, '.claude-pool'));
  await writeFile(path.join(repository, '.claude-pool/config.yaml'), 'workspace: slot\n');
  const claude = await claudeFile(place.folder, { script });

  const { stdout, stderr } = await start(['run', 'mend', '--cwd', repository, '--claude', claude], place);

  expect(stdout).toBe('Done.\n');
  expect(stderr).toMatch(
    /^Denied: Write\. See `--permission-mode` and `--allowed-tools`\.\n1 file changed, 1 insertion\(\+\), merged into nothing: git diff \w+ refs\/claude-pool\/preserved\/\S+\n$/,
  );
});

test('a second Ctrl-C exits at once, and leaves no process', async () => {
  await using place = await scratch();
  const journal = await fifo(place.folder);
  const claude = await claudeFile(place.folder, { script, journal });
  const child = start(['run', 'hang', '--claude', claude], place);

  expect(await readFile(journal, 'utf8')).toContain('"prompt":"hang"');
  child.kill('SIGINT');
  await seen(child.stderr, 'again to exit at once');
  child.kill('SIGINT');

  expect(await child).toMatchObject({ exitCode: 130, stderr: expect.not.stringContaining('error') });
  expect(await processesMarked(place.folder)).toEqual([]);
});

for (const [signal, exitCode] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const) {
  test(`${signal} leaves no process when the real CLI runs a command`, async () => {
    await using place = await scratch();
    const pipe = await fifo(place.folder);
    const bash = { name: 'Bash', input: { command: `echo started > ${pipe}; sleep 300` } };
    await using api = await fakeApi({ script: { rules: [{ when: 'sleep', answers: [{ toolUse: bash }] }] } });
    await using home = await scratchHome({ url: api.url });
    const child = start(
      ['run', 'sleep', '--claude', realClaude('newest').command, '--cwd', home.cwd, ...unasked],
      home,
    );

    expect(await readFile(pipe, 'utf8')).toBe('started\n');
    const living = await processesMarked(path.dirname(home.cwd));
    child.kill(signal);
    const { stderr, ...end } = await child;

    expect(living.length).toBeGreaterThanOrEqual(3);
    expect([end.exitCode, stderr]).toEqual([exitCode, expect.stringContaining(`Cancelled by ${signal}.`)]);
    expect(await processesMarked(path.dirname(home.cwd))).toEqual([]);
  });
}

const unasked = ['--permission-mode', 'bypassPermissions', '--tools', 'Bash', '--model', 'claude-sonnet-5'];

/** Runs the command to its end on the fake Claude. */
async function run(args: readonly string[], { folder, env }: Scratch, input?: string) {
  const claude = await claudeFile(folder, { script });
  return start(['run', '--claude', claude, ...args], { env, ...(input !== undefined && { input }) });
}

/** A pipe with a name: whoever reads it waits until something was written. */
async function fifo(folder: string): Promise<string> {
  const file = path.join(folder, 'fifo');
  await execa('mkfifo', [file]);
  return file;
}
