import path from 'node:path';
import {
  CancelledNotificationSchema,
  ElicitRequestSchema,
  ErrorCode,
  ProgressNotificationSchema,
} from '@modelcontextprotocol/sdk/types.js';
import { expect, test } from 'vitest';
import { stage as repositoryStage } from '../contracts/workspaces-stage.ts';
import { inMemory } from './mcp-in-memory.ts';

test('progress is told in rising numbers, before the answer', async () => {
  await using stage = await inMemory({});
  const told: unknown[] = [];
  stage.client.setNotificationHandler(ProgressNotificationSchema, ({ params }) => {
    told.push([params.progressToken, params.progress, params.message?.split(' ')[1]]);
  });

  const steps = [
    { name: 'first', prompt: 'one' },
    { name: 'second', prompt: 'two' },
  ];
  await stage.client.callTool({
    name: 'pool_chain',
    arguments: { steps },
    _meta: { progressToken: 'mine' },
  });

  expect(told.slice(-4)).toEqual(
    ['stepEnded', 'stepStarted', 'stepEnded', 'completed'].map((change, index) => [
      'mine',
      told.length - 3 + index,
      change,
    ]),
  );
});

test('finding a route and taking it share the time that a call may take', async () => {
  await using stage = await inMemory({ tools: 'all', maxWaitMs: 700 }, [
    { when: '<task>', answers: [{ text: '{}', delayMs: 400 }] },
    { when: 'divide', answers: [{ text: 'done', delayMs: 500 }] },
  ]);

  const answer = await stage.ask('pool_auto', { prompt: 'divide' });

  expect(answer).toMatchObject({ route: 'single', next: expect.stringContaining('pool_wait') });
});

test('the cap of `pool_auto` holds for all of it', async () => {
  const toolUse = { name: 'StructuredOutput', input: { route: 'parallel', prompts: ['one', 'two'] } };
  const silent = [{ silence: true as const }];
  await using stage = await inMemory({ tools: 'all' }, [
    { when: '<task>', answers: [{ toolUse }, { text: 'routed' }] },
    { when: 'one', answers: silent },
    { when: 'two', answers: silent },
  ]);
  const { pool } = stage;

  const ended = Promise.allSettled([stage.ask('pool_auto', { prompt: 'divide', max_budget_usd: 0.3 })]);
  await expect.poll(() => pool.status().activeTasks).toBe(2);
  const { spendUsd, reservedUsd } = pool.status();
  await pool.drain({ timeoutMs: 0 });

  expect(spendUsd + reservedUsd).toBeCloseTo(0.3, 5);
  expect(await ended).toMatchObject([{ status: 'rejected' }]);
});

test('a router that passes its own cap falls back to a single task', async () => {
  const bash = { name: 'Bash', input: { command: 'true' } };
  await using stage = await inMemory({ tools: 'all' }, [
    { when: '<task>', answers: [{ toolUse: bash, usage: { outputTokens: 1_000_000 }, delayMs: 100 }] },
  ]);

  const route = await stage.ask('pool_route', { prompt: 'divide' });

  expect(route).toMatchObject({ route: 'single', fallback: expect.stringContaining('failed') });
});

test('a wait ends when a person has decided elsewhere, and the question is taken back', async () => {
  await using stage = await inMemory({});
  const { client, pool } = stage;
  const takenBack: unknown[] = [];
  client.setNotificationHandler(CancelledNotificationSchema, ({ params }) => {
    takenBack.push(params.requestId);
  });
  const { task_id: id } = await stage.ask('pool_submit_with_review', { prompt: 'hello' });
  const asked = new Promise((resolve) => {
    client.setRequestHandler(ElicitRequestSchema, (_request, { requestId }) => {
      resolve(requestId);
      return new Promise(() => undefined);
    });
  });
  const waiting = stage.ask('pool_wait', { task_id: id });
  const question = await asked;

  await pool.approveResult(String(id));

  expect(await waiting).toEqual({ outcomes: [expect.objectContaining({ state: 'completed' })] });
  await expect.poll(() => takenBack).toEqual([question]);
});

test('a chain that is isolated has one git worktree for all its steps, and none on request', async () => {
  await using place = await repositoryStage();
  const { home, repository } = place;
  await using stage = await inMemory({}, [], { repository, worktreeDir: path.join(home, 'worktrees') });

  const steps = [
    { name: 'first', prompt: 'one' },
    { name: 'second', prompt: 'two' },
  ];
  const { task_id: id } = await stage.ask('pool_chain', { steps, isolation: 'worktree' });
  await stage.ask('pool_chain', { steps, isolation: 'none' });

  const places = stage.pool.tasks().map(({ result }) => result?.workspace?.id);
  expect(places).toEqual([id, id, undefined, undefined]);
});

test('what somebody wrote is told as it was written', async () => {
  await using stage = await inMemory({ tools: 'all' });
  const schema = { type: 'object', additionalProperties: false, properties: { isOpen: { type: 'boolean' } } };

  await stage.ask('pool_skill_add', {
    name: 'look',
    description: 'Looks.',
    prompt: 'Look.',
    config: { json_schema: schema, max_turns: 2 },
  });

  expect(await stage.ask('pool_skill_get', { name: 'look' })).toMatchObject({
    settings: { json_schema: schema, max_turns: 2 },
  });
});

test('metrics count by the same names with a filter and without', async () => {
  await using stage = await inMemory({ tools: 'all' });
  const { task_id: id } = await stage.ask('pool_submit_with_review', { prompt: 'hello', tags: ['seen'] });
  await stage.ask('pool_wait', { task_id: id });

  const all = await stage.ask('pool_session_metrics');
  const some = await stage.ask('pool_session_metrics', { tag: 'seen' });

  expect(all['tasks']).toMatchObject(Object(some['tasks']));
});

for (const answer of [
  { action: 'decline' },
  { action: 'cancel' },
  { action: 'accept', content: { decision: 'later' } },
  { action: 'accept', content: { decision: 'perhaps' } },
] as const) {
  test(`a result waits on when the person answers ${JSON.stringify(answer)}, and the next wait asks again`, async () => {
    await using stage = await inMemory({});
    const answers = [answer, { action: 'accept' as const, content: { decision: 'approve' } }];
    stage.client.setRequestHandler(ElicitRequestSchema, () => answers.shift() ?? { action: 'cancel' });
    const { task_id: id } = await stage.ask('pool_submit_with_review', { prompt: 'hello' });

    const first = await stage.ask('pool_wait', { task_id: id });
    const second = await stage.ask('pool_wait', { task_id: id });

    expect(first['outcomes']).toMatchObject([{ state: 'pendingReview', next: expect.any(String) }]);
    expect(second['outcomes']).toMatchObject([{ state: 'completed' }]);
  });
}

test('reading what is not there tells a code, a message and a remedy', async () => {
  await using stage = await inMemory({});
  const cases = [
    ['pool://slots/slot-9', 'SLOT_NOT_FOUND'],
    ['pool://results/task-none', 'TASK_NOT_FOUND'],
    ['pool://chains/chain-none', 'CHAIN_NOT_FOUND'],
    ['pool://workers', 'INVALID_OPTIONS'],
    ['file:///etc/passwd', 'INVALID_OPTIONS'],
  ] as const;

  const errors = await Promise.all(cases.map(([uri]) => stage.read(uri).catch((error: unknown) => error)));

  expect(errors).toEqual(
    cases.map(([, code]) =>
      expect.objectContaining({
        code: ErrorCode.InvalidParams,
        message: expect.stringMatching(/^MCP error -32602: Expected /),
        data: expect.objectContaining({ code, remedy: expect.any(String) }),
      }),
    ),
  );
});

test('a subscription to what is not there is refused', async () => {
  await using stage = await inMemory({});

  await expect(stage.client.subscribeResource({ uri: 'pool://slots/slot-9' })).rejects.toThrow('slot-9');
  await expect(stage.client.subscribeResource({ uri: 'file:///etc/passwd' })).rejects.toThrow('Expected');
});
