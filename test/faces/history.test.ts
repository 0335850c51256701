import { once } from 'node:events';
import path from 'node:path';
import Database from 'libsql';
import { createPool } from 'claude-pool';
import type { Pool } from 'claude-pool';
import { fakeClaude } from 'claude-pool/testing';
import { expect, test } from 'vitest';
import { scratch, seen, start } from './command-line.ts';
import type { Scratch } from './command-line.ts';

const SCRIPT = { rules: [{ when: 'refuse', answers: [{ status: 400 }] }] } as const;
const NASTY = 'say \u001B[31mred\u001B[0m\nand stop';

test('`tasks` lists what waits and what ended, while the pool works on the folder', async () => {
  await using place = await scratch();
  await using pool = await poolIn(place);
  const done = await pool.run('hello', { tags: ['a'] });
  const failed = await pool.submit('refuse');
  await pool.wait(failed).catch(() => undefined);

  const all = await claudePool(['tasks', '--json'], place);
  const some = await claudePool(['tasks', '--tag', 'a'], place);

  const { data } = JSON.parse(all.stdout);
  expect(all.exitCode).toBe(0);
  expect(data.tasks).toMatchObject([
    { id: failed, state: 'failed', error: { code: 'TASK_FAILED', verdict: 'invalidRequest' } },
    { id: done.taskId, state: 'completed', tags: ['a'], result: { output: 'echo: hello' } },
  ]);
  expect(some.stdout).toContain(done.taskId);
  expect(some.stdout).not.toContain(failed);
});

test('`show` tells a task with its result and its events, also when no pool runs', async () => {
  await using place = await scratch();
  const pool = await poolIn(place);
  const { taskId } = await pool.run(NASTY);
  await pool.drain();

  const { stdout, exitCode } = await claudePool(['show', taskId], place);
  const json = await claudePool(['show', taskId, '--json'], place);

  const { data } = JSON.parse(json.stdout);
  expect(exitCode).toBe(0);
  expect(stdout).toContain('completed');
  expect(stdout).toContain('task.submitted');
  expect(stdout).not.toContain('\u001B');
  expect(data).toMatchObject({ task: { id: taskId, state: 'completed', prompt: NASTY } });
  expect(data.events.map((event: { type: string }) => event.type)).toEqual([
    'task.submitted',
    'task.running',
    'slot.busy',
    'task.completed',
  ]);
});

test('`inspect` serves the page of the folder until it is told to stop', async () => {
  await using place = await scratch();
  const pool = await poolIn(place);
  const { taskId } = await pool.run('hello');
  await pool.drain();

  const child = claudePool(['inspect', '--json'], place);
  const [line] = await once(child.stdout, 'data');
  const { url } = JSON.parse(String(line)).data;
  const detail = await fetch(`${url}actors/${taskId}`);
  const order = await fetch(`${url}orders`, { method: 'POST', body: '{}' });
  child.kill('SIGINT');

  expect(await detail.json()).toMatchObject({ id: taskId, state: 'completed', prompt: 'hello' });
  expect(order.status).toBe(405);
  expect((await child).exitCode).toBe(130);
});

test('`events --from` prints from that number on, one line each', async () => {
  await using place = await scratch();
  await using pool = await poolIn(place);
  await pool.run('hello');
  const kept = await pool.history({ from: 3 });

  const json = await claudePool(['events', '--from', '3', '--json'], place);
  const text = await claudePool(['events', '--from', '3', '--limit', '2'], place);

  expect(linesOf(json.stdout).map((line) => JSON.parse(line))).toEqual(kept);
  expect(linesOf(text.stdout)).toHaveLength(2);
});

test('`events --follow` prints what happens as it is kept, and ends with Ctrl-C', async () => {
  await using place = await scratch();
  await using pool = await poolIn(place);
  const child = start(withFolder(['events', '--follow'], place), place);
  await seen(child.stdout, 'pool.open');

  const first = await pool.submit('hello');
  await seen(child.stdout, `task.completed  ${first}`);
  const second = await pool.submit('hello again');
  await seen(child.stdout, `task.completed  ${second}`);
  child.kill('SIGINT');

  expect(await child).toMatchObject({ exitCode: 130, stderr: '' });
});

test('`cost` tells what was spent, by slot', async () => {
  await using place = await scratch();
  await using pool = await poolIn(place);
  const { spendUsd } = await pool.run('hello');

  const json = await claudePool(['cost', '--json'], place);
  const text = await claudePool(['cost'], place);

  expect(JSON.parse(json.stdout).data).toEqual({
    spendUsd,
    estimatedUsd: 0,
    reservedUsd: 0,
    budgetUsd: 5,
    attempts: 1,
    slots: [{ id: 'slot-0', name: 'ada', spendUsd, attempts: 1 }],
  });
  expect(text.stdout).toContain(`$${spendUsd.toFixed(4)} spent of $5.0000`);
});

test('`tasks` tells of records that cannot be read, and lists the others', async () => {
  await using place = await scratch();
  const pool = await poolIn(place);
  const torn = await pool.run('torn');
  const whole = await pool.run('whole');
  await pool.drain();
  const database = new Database(path.join(place.folder, 'state', 'pool.db'));
  database.prepare("UPDATE tasks SET data = '{' WHERE id = ?").run([torn.taskId]);
  database.close();

  const text = await claudePool(['tasks'], place);

  expect(text).toMatchObject({ exitCode: 0, stdout: expect.stringContaining(whole.taskId) });
  expect(text.stdout).not.toContain(torn.taskId);
  expect(text.stderr).toContain(`The record of task ${torn.taskId} cannot be read`);
});

test('a folder without a pool, and a task that is none, are told plainly', async () => {
  await using place = await scratch();

  const nowhere = await claudePool(['tasks'], place);
  const pool = await poolIn(place);
  await pool.drain();
  const nobody = await claudePool(['show', 'task-0', '--json'], place);
  const usage = await claudePool(['tasks', '--limit', '0'], place);

  expect(nowhere).toMatchObject({
    exitCode: 1,
    stdout: '',
    stderr: expect.stringContaining('no `pool.db` in it'),
  });
  expect(nobody).toMatchObject({ exitCode: 1, stderr: '' });
  expect(JSON.parse(nobody.stdout).error).toMatchObject({ code: 'TASK_NOT_FOUND' });
  expect(usage).toMatchObject({ exitCode: 2, stdout: '' });
});

async function poolIn({ folder }: Scratch): Promise<Pool> {
  const { env, ...claude } = fakeClaude({ script: SCRIPT });
  return await createPool({
    slots: [{ name: 'ada' }],
    budgetUsd: 5,
    stateDir: path.join(folder, 'state'),
    skills: { project: false, global: false },
    claude: { ...claude, cwd: folder, env: { ...env, CLAUDE_CONFIG_DIR: folder } },
  });
}

function claudePool(args: readonly string[], place: Scratch) {
  return start(withFolder(args, place), place);
}

function withFolder(args: readonly string[], { folder }: Scratch): readonly string[] {
  return [...args, '--state-dir', path.join(folder, 'state')];
}

function linesOf(text: string): readonly string[] {
  return text.split('\n').filter((line) => line !== '');
}
