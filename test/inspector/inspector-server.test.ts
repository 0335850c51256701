import { once } from 'node:events';
import { request } from 'node:http';
import type { IncomingMessage, RequestOptions } from 'node:http';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { createPool } from '../../src/index.ts';
import type { Pool } from '../../src/index.ts';
import { inspectionFeed } from '../../src/inspector/inspection-feed.ts';
import { inspectorServer } from '../../src/inspector/inspector-server.ts';
import { gatedDriver } from '../pool/scripted-driver.ts';
import type { GatedDriver } from '../pool/scripted-driver.ts';

for (const path of ['', 'stream', 'charts', 'actors/pool', 'page.js', 'elk-worker.min.js']) {
  test(`without the token nothing is given at \`${path}\``, async () => {
    await using stage = await served();

    const { origin } = new URL(stage.url);
    const answers = await Promise.all(
      [`/${path}`, `/wrong/${path}`, `/${'x'.repeat(32)}/${path}`].map((place) => get(`${origin}${place}`)),
    );

    expect(answers).toEqual([403, 403, 403].map((status) => ({ status, body: '' })));
  });
}

test('an order without the token does nothing', async () => {
  await using stage = await served();
  const taskId = await stage.reviewed('write it');

  const { origin } = new URL(stage.url);
  const answer = await post(`${origin}/wrong/orders`, { order: 'approve', taskId });

  expect(answer).toEqual({ status: 403, body: '' });
  expect(stage.pool.task(taskId).state).toBe('pendingReview');
});

test('a name of another host, or another origin, is refused with the token too', async () => {
  await using stage = await served();

  const answers = await Promise.all([
    get(stage.url, { headers: { host: 'evil.example' } }),
    get(stage.url, { headers: { origin: 'http://evil.example' } }),
    get(stage.url, { headers: { origin: new URL(stage.url).origin } }),
  ]);

  expect(answers.map(({ status }) => status)).toEqual([403, 403, 200]);
});

test('the page is allowed to load nothing from elsewhere', async () => {
  await using stage = await served();

  const response = await ask(stage.url);

  expect(response.headers['content-security-policy']).toContain("default-src 'none'; script-src 'self'");
  response.destroy();
});

test('a path that leads out of the page’s folder finds nothing', async () => {
  await using stage = await served();
  const places = ['../chart.ts', '..%2fchart.ts', 'page/page.js', '/etc/passwd', 'index.htm'];

  const answers = await Promise.all(
    places.map((place) => get(stage.url, { path: pathOf(stage.url, place) })),
  );

  expect(answers.map(({ status }) => status)).toEqual(places.map(() => 404));
});

test('orders approve, reject and cancel', async () => {
  await using stage = await served();
  const { pool, url } = stage;
  const good = await stage.reviewed('good');
  const bad = await stage.reviewed('bad', 1);
  const slow = await pool.submit('slow');

  const answers = [
    await post(`${url}orders`, { order: 'approve', taskId: good }),
    await post(`${url}orders`, { order: 'reject', taskId: bad, feedback: 'No tests.' }),
    await post(`${url}orders`, { order: 'cancel', taskId: slow }),
  ];

  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
  expect([good, bad, slow].map((id) => pool.task(id).state)).toEqual(['completed', 'failed', 'cancelled']);
  expect(pool.task(bad).feedback).toEqual(['No tests.']);
});

test('an order that cannot be carried out says why', async () => {
  await using stage = await served();
  const { url } = stage;

  const answers = [
    await post(`${url}orders`, { order: 'approve', taskId: 'task-0' }),
    await post(`${url}orders`, { order: 'explode', taskId: 'task-0' }),
    await post(`${url}orders`, { order: 'reject', taskId: 'task-0', feedback: 'x'.repeat(70_000) }),
  ];

  expect(answers.map(({ status, body }) => [status, body === '' ? '' : JSON.parse(body).code])).toEqual([
    [400, 'TASK_NOT_FOUND'],
    [400, 'INVALID_OPTIONS'],
    [413, ''],
  ]);
});

test('a viewer gets the picture, then what happens, then the end', async () => {
  await using stage = await served();
  const { pool, claude, server } = stage;
  const first = await stage.reviewed('first');

  const stream = await ask(`${stage.url}stream`);
  await server.viewed;
  const second = await pool.submit('second');
  claude.open('second');
  await pool.wait(second);
  const lines = text(stream);
  await untilSent(stream);
  await server[Symbol.asyncDispose]();

  const messages = messagesOf(await lines);
  expect(messages[0]).toMatchObject({
    event: 'picture',
    data: {
      omitted: 0,
      actors: [
        { name: 'pool', machine: 'pool', state: { open: { limit: 'clear', budget: 'within' } } },
        { name: 'slot-0', machine: 'slot', state: 'idle' },
        { name: first, machine: 'task', state: 'pendingReview', prompt: 'first' },
      ],
      board: { reviews: [{ taskId: first, prompt: 'first', output: 'done' }] },
    },
  });
  const entries = messages.flatMap(({ event, data }) => (event === 'entries' ? data : []));
  expect(entries).toContainEqual(
    expect.objectContaining({ type: 'state', name: second, state: 'completed' }),
  );
  expect(messages.at(-1)).toEqual({ event: 'end', data: {} });
});

test('a port that is taken is refused with what to do', async () => {
  await using stage = await served();
  const port = Number(new URL(stage.url).port);

  const second = inspectorServer({ pool: stage.pool, feed: inspectionFeed(), port });

  await expect(second).rejects.toMatchObject({
    code: 'INVALID_OPTIONS',
    message: `Expected \`port\` to be free on 127.0.0.1, got \`${port}\`, which is taken. Use another, or \`0\` for any.`,
  });
});

interface Served extends AsyncDisposable {
  readonly pool: Pool;
  readonly claude: GatedDriver;
  readonly server: Awaited<ReturnType<typeof inspectorServer>>;
  readonly url: string;
  /** Resolves with the id of a task whose result waits for review. */
  reviewed(prompt: string, maxRejections?: number): Promise<string>;
}

async function served(): Promise<Served> {
  const claude = gatedDriver();
  const feed = inspectionFeed();
  const pool = await createPool({ slots: 1, driver: claude.driver, inspect: feed.observe });
  const server = await inspectorServer({ pool, feed });
  return {
    pool,
    claude,
    server,
    url: server.url,
    async reviewed(prompt, maxRejections = 3) {
      claude.open(prompt);
      const taskId = await pool.submitWithReview(prompt, { maxRejections });
      if (pool.task(taskId).state === 'pendingReview') return taskId;
      await new Promise((resolve) => pool.on('task.pendingReview', resolve));
      return taskId;
    },
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await pool.drain({ timeoutMs: 0 });
    },
  };
}

async function ask(url: string, options: RequestOptions = {}): Promise<IncomingMessage> {
  const call = request(url, options).end();
  const [response] = await once(call, 'response');
  return response;
}

async function get(url: string, options: RequestOptions = {}) {
  const response = await ask(url, options);
  return { status: response.statusCode, body: await text(response) };
}

async function post(url: string, order: object) {
  const response = await fetch(url, { method: 'POST', body: JSON.stringify(order) });
  return { status: response.status, body: await response.text() };
}

function pathOf(url: string, place: string): string {
  return new URL(url).pathname + place;
}

/** The board is the last to be sent of what has happened. */
async function untilSent(stream: IncomingMessage): Promise<void> {
  for (;;) {
    const [chunk] = await once(stream, 'data');
    if (String(chunk).includes('event: board')) return;
  }
}

function messagesOf(lines: string): readonly { readonly event: string; readonly data: unknown }[] {
  return lines
    .split('\n\n')
    .filter((block) => block !== '')
    .map((block) => {
      const [event = '', data = ''] = block.split('\n');
      return { event: event.replace('event: ', ''), data: JSON.parse(data.replace('data: ', '')) };
    });
}
