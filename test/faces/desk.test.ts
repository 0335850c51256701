import { existsSync, lstatSync, readdirSync } from 'node:fs';
import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { createServer, request } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import type { Desk, View } from '../../src/cli/desk/desk.ts';
import { poolDesk } from '../../src/cli/desk/pool-desk.ts';
import { deskServer } from '../../src/cli/remote/desk-server.ts';
import { remoteDesk } from '../../src/cli/remote/remote-desk.ts';
import { CALLS, STREAMS } from '../../src/cli/remote/wire.ts';
import { createPool } from '../../src/index.ts';
import { gatedDriver, reportOf } from '../pool/scripted-driver.ts';

const forever = new AbortController().signal;
const FAILED = reportOf({ evidence: { result: { ...reportOf().evidence.result, isError: true } } as never });

for (const place of ['here', 'at the other end of a socket'] as const) {
  test(`a desk ${place} tells how tasks end`, async () => {
    await using stage = await deskStage(place);
    const { desk, claude } = stage;
    claude.open('fine');
    claude.open('poor', FAILED);

    const [fine = '', poor = '', slow = ''] = await desk.submit({
      requests: [{ prompt: 'fine' }, { prompt: 'poor', retries: 0 }, { prompt: 'slow', tags: ['s'] }],
    });

    expect(await desk.settled({ id: fine })).toMatchObject({
      id: fine,
      state: 'completed',
      output: 'done',
      result: { taskId: fine, verdict: 'succeeded' },
    });
    expect(await desk.settled({ id: poor })).toMatchObject({
      state: 'failed',
      error: { code: 'TASK_FAILED', taskId: poor, message: expect.any(String) },
    });
    expect(await desk.cancel({ id: slow })).toMatchObject({
      state: 'cancelled',
      error: { code: 'CANCELLED' },
    });
    expect(await desk.status()).toMatchObject({ completedTasks: 1, failedTasks: 1, cancelledTasks: 1 });
    await expect(desk.settled({ id: 'task-0' })).rejects.toMatchObject({
      name: 'PoolError',
      code: 'TASK_NOT_FOUND',
    });
  });

  test(`a desk ${place} tells of chains and of reviews, which are decided there`, async () => {
    await using stage = await deskStage(place);
    const { desk, claude } = stage;
    for (const prompt of ['one', 'two done', 'look']) claude.open(prompt);
    const source = [
      { name: 'a', prompt: 'one' },
      { name: 'b', prompt: 'two {previous_output}' },
    ];

    const chain = await desk.submitChain({ source });
    const [id = ''] = await desk.submit({ requests: [{ prompt: 'look' }], isReviewed: true });

    expect(await desk.settled({ id: chain })).toMatchObject({
      state: 'completed',
      chain: { steps: [{ name: 'a' }, { name: 'b' }] },
    });
    expect(await desk.settled({ id })).toMatchObject({ state: 'pendingReview', output: 'done' });
    expect(await desk.reject({ id, feedback: 'more' })).toBe('running');
    await expect(desk.approve({ id: chain })).rejects.toMatchObject({ code: 'TASK_NOT_FOUND' });
  });

  test(`a desk ${place} shows text, news and views as they come`, async () => {
    await using stage = await deskStage(place);
    const { desk, claude } = stage;
    const leave = new AbortController();
    const news = await desk.news({ signal: leave.signal });
    const [id = ''] = await desk.submit({ requests: [{ prompt: 'talk', tags: ['talker'] }] });
    await expect.poll(() => claude.turns.length).toBe(1);
    const output = await desk.output({ id });

    claude.say('talk', 'one ');
    const view = await viewWith(desk, ({ running }) => running[id]?.words === 'one ');
    expect(view.running[id]).toMatchObject({ title: 'talker', startedAt: expect.any(Number) });
    expect(await desk.text({ id })).toBe('one ');
    claude.say('talk', 'two');
    claude.open('talk');

    expect(await joined(output)).toBe('one two');
    const changes: string[] = [];
    for await (const { change, title } of news) {
      changes.push(`${title} ${change}`);
      if (change === 'completed') break;
    }
    expect(changes).toEqual(['talker submitted', 'talker running', 'talker completed']);
  });

  test(`a desk ${place} submits all or none`, async () => {
    await using stage = await deskStage(place);
    const requests = [{ prompt: 'good' }, { prompt: 'bad', retries: -1 }];

    await expect(stage.desk.submit({ requests })).rejects.toMatchObject({
      code: 'INVALID_OPTIONS',
      message: expect.stringMatching(/^Task 2 of 2: .*retries/),
    });

    expect(await stage.desk.status()).toMatchObject({ pendingTasks: 0, activeTasks: 0, cancelledTasks: 1 });
  });

  test(`a desk ${place} keeps the shared context`, async () => {
    await using stage = await deskStage(place);
    const { desk } = stage;
    await desk.setContext({ key: 'branch', value: 'main' });

    expect(await desk.context()).toEqual({ branch: 'main' });
    expect(await desk.deleteContext({ key: 'branch' })).toBe(true);
    expect(await desk.deleteContext({ key: 'branch' })).toBe(false);
  });
}

test('every call of a desk goes over the wire', async () => {
  await using stage = await deskStage('here');

  expect(new Set([...CALLS, ...STREAMS])).toEqual(new Set(Object.keys(stage.desk)));
});

test('who stops waiting at a socket leaves the task alone', async () => {
  await using stage = await deskStage('at the other end of a socket');
  const { desk, claude } = stage;
  const [id = ''] = await desk.submit({ requests: [{ prompt: 'long' }] });
  const leave = new AbortController();
  const reason = new Error('enough');

  const waiting = desk.settled({ id, signal: leave.signal });
  leave.abort(reason);

  await expect(waiting).rejects.toBe(reason);
  claude.open('long');
  expect(await desk.settled({ id })).toMatchObject({ state: 'completed' });
});

test('who leaves before he knows the ids has submitted nothing', async () => {
  await using stage = await deskStage('here');
  const leave = new AbortController();

  const submitting = stage.desk.submit({ requests: [{ prompt: 'x' }], signal: leave.signal });
  leave.abort(new Error('gone'));

  await expect(submitting).rejects.toThrow('gone');
  expect(await stage.desk.status()).toMatchObject({ activeTasks: 0, pendingTasks: 0, cancelledTasks: 1 });
});

test('only the user may open the socket, also where its path is too long for one', async () => {
  for (const name of ['short', 'long'.repeat(25)]) {
    await using folder = await scratchFolder(name);
    {
      await using pool = await createPool({ driver: gatedDriver().driver });
      await using server = await deskServer(poolDesk(pool), folder.path);
      expect(lstatSync(server.socket).mode & 0o777).toBe(0o600);
      expect(await remoteDesk(folder.path, forever)).toMatchObject({ server: { pid: process.pid } });
    }
    expect(readdirSync(folder.path)).toEqual([]);
    expect(await remoteDesk(folder.path, forever)).toBeUndefined();
  }
});

test('a socket that a dead process has left is none, and the next server takes its place', async () => {
  await using folder = await scratchFolder('stale');
  await writeFile(path.join(folder.path, 'pool.sock'), '');
  expect(await remoteDesk(folder.path, forever)).toBeUndefined();

  await using pool = await createPool({ driver: gatedDriver().driver });
  await using server = await deskServer(poolDesk(pool), folder.path);

  expect(existsSync(server.socket)).toBe(true);
  expect(await remoteDesk(folder.path, forever)).toBeDefined();
});

test('a server of another wire is refused with both versions', async () => {
  await using folder = await scratchFolder('other');
  const other = createServer((_request, response) => {
    response.end(JSON.stringify({ wire: 99, version: '9.9.9', pid: 4 }));
  });
  await new Promise<void>((resolve) => {
    other.listen(path.join(folder.path, 'pool.sock'), resolve);
  });

  await expect(remoteDesk(folder.path, forever)).rejects.toMatchObject({
    code: 'POOL_UNREACHABLE',
    message: expect.stringMatching(/of claude-pool \d.*got one of 9\.9\.9 \(process 4\)/),
  });
  other.close();
});

test('a pool that ends while it is asked says so, and who still waits is told', async () => {
  await using stage = await deskStage('at the other end of a socket');
  const { desk, claude } = stage;
  claude.open('look');
  const [id = ''] = await desk.submit({ requests: [{ prompt: 'look' }], isReviewed: true });
  await desk.settled({ id });
  const output = await desk.output({ id });
  const reading = joined(output);

  await desk.drain({ timeoutMs: 0 });

  expect(await reading).toBe('');
  await stage.close();
  await expect(desk.status()).rejects.toMatchObject({ code: 'POOL_UNREACHABLE' });
});

test('requests that make no sense are answered and change nothing', async () => {
  await using stage = await deskStage('at the other end of a socket');
  const bad = ['{', '[1]', '"x"', 'null', '{"id":5}', '{"requests":"x"}', '{"requests":[{"prompt":""}]}', ''];
  const names = ['submit', 'settled', 'cancel', 'approve', 'output', 'setContext', 'nonsense', '../x', ''];

  const answers = await Promise.all(
    names.flatMap((name) => bad.map((body) => post(stage.socket, `/1/${name}`, body))),
  );

  expect(answers.filter((answer) => !answer.startsWith('{"error":{"code":'))).toEqual([]);
  expect(answers[0]).toBe('{"error":{"code":"INVALID_OPTIONS","message":"Expected one object as JSON."}}\n');
  expect(await stage.desk.status()).toMatchObject({ state: 'open', pendingTasks: 0, activeTasks: 0 });
});

async function deskStage(place: 'here' | 'at the other end of a socket') {
  const folder = await scratchFolder('desk');
  const claude = gatedDriver();
  const pool = await createPool({ driver: claude.driver, slots: 2 });
  const server = place === 'here' ? undefined : await deskServer(poolDesk(pool), folder.path);
  const remote = server === undefined ? undefined : await remoteDesk(folder.path, forever);
  const close = async (): Promise<void> => {
    await pool.drain({ timeoutMs: 0 });
    await server?.[Symbol.asyncDispose]();
  };
  return {
    claude,
    desk: remote?.desk ?? poolDesk(pool),
    socket: server?.socket ?? '',
    close,
    async [Symbol.asyncDispose]() {
      await close();
      await folder[Symbol.asyncDispose]();
    },
  };
}

async function joined(pieces: AsyncIterable<string>): Promise<string> {
  let all = '';
  for await (const piece of pieces) all += piece;
  return all;
}

async function viewWith(desk: Desk, fits: (view: View) => boolean): Promise<View> {
  for await (const view of await desk.views({})) if (fits(view)) return view;
  throw new Error('Expected such a view before the pool ended.');
}

async function scratchFolder(name: string) {
  const outer = await realpath(await mkdtemp(path.join(tmpdir(), 'desk-')));
  const folder = path.join(outer, name);
  await mkdir(folder);
  return {
    path: folder,
    [Symbol.asyncDispose]: () => rm(outer, { recursive: true, force: true }),
  };
}

async function post(socketPath: string, url: string, body: string): Promise<string> {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    request({ socketPath, path: url, method: 'POST', agent: false }, resolve).on('error', reject).end(body);
  });
  return text(response);
}
