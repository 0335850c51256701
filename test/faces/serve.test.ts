import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import path from 'node:path';
import { processesMarked } from 'claude-pool/testing';
import type { Script } from 'claude-pool/testing';
import { expect, test } from 'vitest';
import type { Desk } from '../../src/cli/desk/desk.ts';
import { remoteDesk } from '../../src/cli/remote/remote-desk.ts';
import { createPool } from '../../src/index.ts';
import { gatedDriver } from '../pool/scripted-driver.ts';
import { claudeFile, scratch, seen, start } from './command-line.ts';
import type { Scratch } from './command-line.ts';
import { mcpStage } from './mcp-stage.ts';

const forever = new AbortController().signal;

const script: Script = {
  rules: [
    { when: 'hang', answers: [{ hang: 'beforeResult' }] },
    { when: 'refuse', answers: [{ status: 400 }] },
  ],
};

test('a pool in the background serves other commands until it is stopped', async () => {
  await using place = await scratch();
  const { data } = await ask(place, 'serve', '--background', '--claude', await claude(place));
  const file = path.join(place.folder, 'tasks.jsonl');
  await writeFile(file, 'two\n\n{ "prompt": "refuse", "retries": 0 }\n');

  const [one, many, detached] = await Promise.all([
    ask(place, 'run', 'one'),
    ask(place, 'fan-out', file),
    ask(place, 'run', '--detach', 'hang'),
  ]);
  const [id = ''] = detached.data.ids;
  const stopped = await ask(place, 'stop', '--cancel', '--timeout', '10ms');
  const waited = await ask(place, 'wait', id);
  const nobody = await ask(place, 'status');

  expect([one.exitCode, one.data.output]).toEqual([0, 'echo: one']);
  expect([many.exitCode, many.data.outcomes]).toMatchObject([
    1,
    [
      { state: 'completed', output: 'echo: two' },
      { state: 'failed', error: { code: 'TASK_FAILED' } },
    ],
  ]);
  expect([stopped.exitCode, stopped.data]).toMatchObject([0, { completedTasks: 2, cancelledTasks: 1 }]);
  expect(waited).toMatchObject({ exitCode: 3, data: { outcomes: [{ id, state: 'cancelled' }] } });
  expect(nobody).toMatchObject({ exitCode: 69, error: { code: 'POOL_UNREACHABLE' } });
  expect(existsSync(data.socket)).toBe(false);
  await expect.poll(() => processesMarked(place.folder)).toEqual([]);
});

test('a server that was killed is none, and goes on where it was when it is served anew', async () => {
  await using place = await scratch();
  const command = ['serve', '-d', '--slots', '1', '--claude', await claude(place)];
  const { pid } = (await ask(place, ...command)).data;
  const [running = '', waiting = ''] = await (
    await deskOf(place)
  ).submit({ requests: [{ prompt: 'hang' }, { prompt: 'later' }] });
  process.kill(pid, 'SIGKILL');
  await expect.poll(() => remoteDesk(stateOf(place), forever)).toBeUndefined();

  await ask(place, ...command);
  const desk = await deskOf(place);
  await desk.cancel({ id: running });

  expect(await desk.settled({ id: waiting })).toMatchObject({ output: 'echo: later' });
  await desk.drain({});
  await expect.poll(() => processesMarked(place.folder)).toEqual([]);
});

test('Ctrl-C leaves the work to the pool and tells how to come back; pressed again, it cancels', async () => {
  await using place = await scratch();
  const server = start(['serve', '--claude', await claude(place), ...stateDir(place)], place);
  await seen(server.stderr, 'is ready');
  const desk = await deskOf(place);
  const run = start(['run', 'hang', ...stateDir(place)], place);
  await expect.poll(async () => (await desk.status()).activeTasks, { timeout: 20_000 }).toBe(1);
  run.kill('SIGINT');
  const left = await run;
  const [, id = ''] = /claude-pool wait (task-\S+)/.exec(left.stderr) ?? [];

  const stillActive = (await desk.status()).activeTasks;
  const wait = start(['wait', id, ...stateDir(place)], place);
  await seen(wait.stderr, 'Waiting for');
  wait.kill('SIGINT');
  await seen(wait.stderr, 'Press Ctrl-C again to cancel it.');
  wait.kill('SIGINT');
  const { exitCode, stdout } = await wait;

  expect([left.exitCode, stillActive]).toEqual([130, 1]);
  expect([exitCode, stdout]).toEqual([130, expect.stringContaining(`${id} cancelled`)]);
  expect(await desk.status()).toMatchObject({ activeTasks: 0, cancelledTasks: 1 });
  server.kill('SIGTERM');
  await server;
});

test('SIGTERM drains a served pool and leaves no process', async () => {
  await using place = await scratch();
  const flags = ['--drain-timeout', '50ms', '--claude', await claude(place)];
  const server = start(['serve', ...flags, ...stateDir(place)], place);
  await seen(server.stderr, 'is ready');
  await (await deskOf(place)).submit({ requests: [{ prompt: 'hang' }] });

  server.kill('SIGTERM');

  expect(await server).toMatchObject({ exitCode: 143, stderr: expect.stringContaining('pool.drained') });
  expect(await processesMarked(place.folder)).toEqual([]);
});

test('a pool that is stopped keeps what waits and what it cuts off, and goes on with them when it is served anew', async () => {
  await using place = await scratch();
  const command = ['serve', '--slots', '1', '--claude', await claude(place), ...stateDir(place)];
  const first = start([...command, '--drain-timeout', '50ms'], place);
  await seen(first.stderr, 'is ready');
  const desk = await deskOf(place);
  const [cutOff = ''] = await desk.submit({ requests: [{ prompt: 'hang' }] });
  const run = start(['run', 'later', ...stateDir(place)], place);
  await expect.poll(async () => (await desk.status()).pendingTasks, { timeout: 20_000 }).toBe(1);

  first.kill('SIGTERM');
  const [served, ran] = await Promise.all([first, run]);
  const left = await processesMarked(place.folder);
  const second = start(command, place);
  await seen(second.stderr, 'is ready');
  const again = await deskOf(place);
  await expect.poll(async () => (await again.status()).completedTasks, { timeout: 20_000 }).toBe(2);
  const { output } = await again.settled({ id: cutOff });
  await again.submit({ requests: [{ prompt: 'hang' }, { prompt: 'later' }] });
  const stopped = await start(['stop', '--timeout', '50ms', ...stateDir(place)], place);
  await second;

  expect(served).toMatchObject({
    exitCode: 143,
    stderr: expect.stringContaining('2 kept for the next start'),
  });
  expect(ran).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('It is kept in `stateDir`') });
  expect([left, output]).toEqual([[], expect.stringContaining('You were cut off')]);
  expect(stopped).toMatchObject({
    exitCode: 0,
    stdout: expect.stringContaining('2 kept for the next start'),
  });
  expect(await processesMarked(place.folder)).toEqual([]);
});

test('a pool that cannot be served after all keeps its queue', async () => {
  await using place = await scratch();
  const earlier = await createPool({ driver: gatedDriver().driver, stateDir: stateOf(place), slots: 1 });
  await Promise.all(Array.from({ length: 20 }, () => earlier.submit('wait')));
  await earlier.drain({ pending: 'keep', timeoutMs: 0 });
  await using other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const { port } = Object(other.address());

  const { exitCode } = await start(
    ['serve', '--slots', '1', '--inspect', String(port), '--claude', await claude(place), ...stateDir(place)],
    place,
  );
  const { tasks } = (await ask(place, 'tasks')).data;

  expect([exitCode, tasks.length]).toEqual([2, 20]);
  expect(tasks.map(({ state }: { readonly state: string }) => state)).not.toContain('cancelled');
});

test('what cannot be served in the background is told, with its exit code', async () => {
  await using place = await scratch();
  const missing = await ask(place, 'serve', '-d', '--claude', path.join(place.folder, 'none'));
  await using pool = await createPool({ driver: gatedDriver().driver, stateDir: stateOf(place) });

  const taken = await ask(place, 'serve', '-d', '--claude', await claude(place));

  expect(missing).toMatchObject({ exitCode: 69, error: { code: 'CLAUDE_NOT_FOUND' } });
  expect(taken).toMatchObject({ exitCode: 1, error: { code: 'STORE' } });
  expect(pool.status().state).toBe('open');
  expect(await processesMarked(place.folder)).toEqual([]);
});

test('what a client leaves behind in a kept pool is there for the next one', async () => {
  await using stage = await mcpStage({ script, isKept: true });
  const { task_id: id } = await stage.ask('pool_submit', { prompt: 'hang' });
  const left = await stage.leave();

  const { tasks } = (await ask(stage.place, 'tasks')).data;

  expect([left, tasks]).toMatchObject([[], [{ id, state: 'running' }]]);
});

test('nothing is submitted for review where nobody could decide about it, and the agent is told what helps', async () => {
  await using stage = await mcpStage({ script });
  await using asking = await mcpStage({ script, capabilities: { elicitation: {} } });

  const refusal = await stage.fail('pool_submit_with_review', { prompt: 'hello' });
  const accepted = await asking.ask('pool_submit_with_review', { prompt: 'hello' });

  const message = expect.stringContaining('`--state-dir`');
  expect(refusal).toMatchObject({ error: { code: 'INVALID_STATE', message } });
  expect(accepted).toMatchObject({ review_required: true });
  expect(await stage.ask('pool_status')).toMatchObject({ pending_tasks: 0, active_tasks: 0 });
});

test('people approve at the command line what an agent has submitted for review', async () => {
  await using stage = await mcpStage({ script, isKept: true });
  const { place } = stage;
  const { task_id: id } = await stage.ask('pool_submit_with_review', { prompt: 'hello' });
  await stage.ask('pool_wait', { task_id: id });

  const listed = await ask(place, 'review', 'list');
  const rejected = await ask(place, 'review', 'reject', String(id), '-m', 'louder');
  await stage.ask('pool_wait', { task_id: id });
  const approved = await ask(place, 'review', 'approve', String(id));
  const again = await ask(place, 'review', 'approve', String(id));

  expect(listed.data.tasks).toMatchObject([{ id, state: 'pendingReview' }]);
  expect(rejected).toMatchObject({ exitCode: 0, data: { taskId: id } });
  expect(approved).toMatchObject({ exitCode: 0, data: { taskId: id, verdict: 'succeeded' } });
  expect(again).toMatchObject({ exitCode: 1, error: { code: 'INVALID_STATE' } });
  expect(await stage.ask('pool_result', { task_id: id })).toMatchObject({ state: 'completed' });
});

function claude({ folder }: Scratch): Promise<string> {
  return claudeFile(folder, { script });
}

function stateOf({ folder }: Pick<Scratch, 'folder'>): string {
  return path.join(folder, 'state');
}

function stateDir(place: Pick<Scratch, 'folder'>): readonly string[] {
  return ['--state-dir', stateOf(place)];
}

/** Runs a command to its end, and reads the JSON that it prints. */
async function ask(place: Pick<Scratch, 'folder' | 'env'>, ...args: readonly string[]) {
  const { stdout, stderr, exitCode } = await start([...args, '--json', ...stateDir(place)], place);
  if (stdout === '') throw new Error(`Expected JSON of ${args.join(' ')}, got ${exitCode}: ${stderr}`);
  return { exitCode, ...JSON.parse(stdout) };
}

/** The same that commands ask, without a process for each question. */
async function deskOf(place: Scratch): Promise<Desk> {
  const running = await remoteDesk(stateOf(place), forever);
  if (running === undefined) throw new Error('Expected a pool that runs.');
  return running.desk;
}
