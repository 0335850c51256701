import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { claudeDriver } from '../../src/claude/driver.ts';
import type { ClaudeOptions } from '../../src/claude/options.ts';
import type { SessionLaunch } from '../../src/ports.ts';

let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'claude-open-'));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

test('a name that is not on the PATH is not found, and the message tells how to install', async () => {
  const message =
    'Expected the program `no-such-claude`, found none on the `PATH`. Install it with `npm install';

  await expect(open({ command: 'no-such-claude' })).rejects.toMatchObject({
    code: 'CLAUDE_NOT_FOUND',
    message: expect.stringContaining(message),
  });
});

test('a path where nothing is, is not found', async () => {
  await expect(open({ command: '/no/such/claude' })).rejects.toMatchObject({
    code: 'CLAUDE_NOT_FOUND',
    message: expect.stringContaining('found none at that path'),
  });
});

test('a file that is not executable is told from one that is missing', async () => {
  const file = path.join(folder, 'plain');
  await writeFile(file, 'text');

  await expect(open({ command: file })).rejects.toMatchObject({
    code: 'CLAUDE_NOT_FOUND',
    message: expect.stringContaining('not executable'),
  });
});

test('a program that speaks something else is told with its words', async () => {
  const command = await script('while read line; do for i in $(seq 30); do echo "hello, human"; done; done');

  await expect(open({ command })).rejects.toMatchObject({
    code: 'CLAUDE_PROTOCOL',
    message: expect.stringContaining('`hello, human`'),
  });
});

test('a program that ends at once is told with its exit code and the end of stderr', async () => {
  const command = await script('echo "no network today" >&2; exit 7');

  await expect(open({ command })).rejects.toMatchObject({
    code: 'CLAUDE_PROTOCOL',
    message: expect.stringMatching(/exit code 7.*It said: no network today/s),
  });
});

test('a program that never answers is given up after the time limit', async () => {
  const command = await script('exec sleep 60');

  await expect(open({ command, readyTimeoutMs: 300 })).rejects.toMatchObject({
    code: 'TIMEOUT',
    message: expect.stringContaining('within 300 ms'),
  });
});

test('a Claude that needs a login says so before the first prompt', async () => {
  const command = await claude({ account: { tokenSource: 'none', apiProvider: 'firstParty' } });

  await expect(open({ command })).rejects.toMatchObject({
    code: 'CLAUDE_AUTH',
    message: expect.stringContaining('Log in with `claude`'),
  });
});

test('an older Claude is refused with both versions', async () => {
  const command = await claude({ version: '2.1.5' });

  await expect(open({ command })).rejects.toMatchObject({
    code: 'CLAUDE_PROTOCOL',
    message: expect.stringContaining('Expected Claude 2.1.197 or newer, got version 2.1.5.'),
  });
});

test('an older Claude that knows not even the options is refused with both versions', async () => {
  const refusal = 'echo "error: unknown option \'--effort\'" >&2; exit 1';
  const command = await script(`case "$*" in *--version*) echo "1.0.3 (Claude Code)";; *) ${refusal};; esac`);

  await expect(open({ command })).rejects.toMatchObject({
    code: 'CLAUDE_PROTOCOL',
    message: expect.stringContaining('got version 1.0.3'),
  });
});

test("options that Claude refuses are the options' fault", async () => {
  const refusal = 'echo "error: option \'--model <model>\' argument missing" >&2; exit 1';
  const command = await script(
    `case "$*" in *--version*) echo "2.1.330 (Claude Code)";; *) ${refusal};; esac`,
  );

  await expect(open({ command })).rejects.toMatchObject({
    code: 'INVALID_OPTIONS',
    message: expect.stringContaining('argument missing'),
  });
});

test('a working directory that does not exist is told as such', async () => {
  await expect(open({ command: 'node' }, { slotId: 's', cwd: '/no/such/folder' })).rejects.toMatchObject({
    code: 'INVALID_OPTIONS',
    message: expect.stringContaining('`/no/such/folder`'),
  });
});

test('a Claude that is new enough and logged in opens, and closes when its input ends', async () => {
  const session = await open({ command: await claude({}) });
  await session.close();

  expect([session.version, await session.exited]).toEqual(['2.1.330', { code: 0, stderrTail: '' }]);
});

test('no listener stays with the host when its sessions are closed', async () => {
  const before = process.listenerCount('exit');
  const command = await claude({});
  const sessions = await Promise.all([open({ command }), open({ command })]);
  const during = process.listenerCount('exit');
  await Promise.all(sessions.map((session) => session.close()));

  expect([during - before, process.listenerCount('exit') - before]).toEqual([1, 0]);
});

function open(options: ClaudeOptions, launch: SessionLaunch = { slotId: 's' }) {
  return claudeDriver(options).open(launch, { signal: new AbortController().signal });
}

/** The least that passes for a Claude: it answers the first two requests. */
function claude({ version = '2.1.330', account = {} }): Promise<string> {
  const id = '$(echo "$line" | sed \'s/.*"request_id":"\\([^"]*\\)".*/\\1/\')';
  return script(`while read -r line; do case "$line" in
*'"initialize"'*) ${answer(id, { account })} ;;
*'"get_binary_version"'*) ${answer(id, { version })} ;;
esac; done`);
}

function answer(from: string, response: object): string {
  const line = '{"type":"control_response","response":{"subtype":"success","request_id":"%s","response":%s}}';
  return `printf '${line}\\n' "${from}" '${JSON.stringify(response)}'`;
}

let scripts = 0;

async function script(body: string): Promise<string> {
  const file = path.join(folder, `claude-${(scripts += 1)}`);
  await writeFile(file, `#!/bin/sh\n${body}\n`);
  await chmod(file, 0o755);
  return file;
}
