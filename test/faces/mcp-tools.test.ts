import { expect, test } from 'vitest';
import { mcpStage } from './mcp-stage.ts';

const script = {
  rules: [
    { when: 'slow', answers: [{ text: 'late', delayMs: 1_500 }] },
    { when: 'never', answers: [{ silence: true as const }] },
    { when: 'refuse', answers: [{ status: 400 as const }] },
  ],
};

test('the tools are those of the core, or all', async () => {
  await using core = await mcpStage({ script });
  await using all = await mcpStage({ script, flags: ['--tools', 'all', '--approvals', 'agent'] });

  const few = (await core.client.listTools()).tools.map(({ name }) => name);
  const { tools } = await all.client.listTools();

  expect(few).toEqual([
    'pool_run',
    'pool_submit',
    'pool_fan_out',
    'pool_wait',
    'pool_result',
    'pool_cancel',
    'pool_list_tasks',
    'pool_chain',
    'pool_submit_with_review',
    'pool_status',
  ]);
  expect(tools.map(({ name }) => name).toSorted()).toEqual(EVERY_TOOL);
  expect(
    tools.filter(({ title, description, outputSchema }) => !title || !description || !outputSchema),
  ).toEqual([]);
});

test('a task is run with the options that it was given', async () => {
  await using stage = await mcpStage({ script });

  const answer = await stage.ask('pool_run', { prompt: 'hello', model: 'haiku', tags: ['greeting'] });
  const { tasks } = await stage.ask('pool_list_tasks', { tag: 'greeting' });

  expect(answer).toMatchObject({
    state: 'completed',
    output: 'echo: hello',
    model: 'haiku',
    verdict: 'succeeded',
  });
  expect(tasks).toEqual([
    expect.objectContaining({ task_id: answer['task_id'], prompt: 'hello', state: 'completed' }),
  ]);
});

test('a call that would take too long answers with how to go on', async () => {
  await using stage = await mcpStage({ script, flags: ['--max-wait', '300ms'] });

  const first = await stage.ask('pool_run', { prompt: 'slow' });
  let waited = await stage.ask('pool_wait', { task_id: first['task_id'] });
  while ('next' in waited) waited = await stage.ask('pool_wait', { task_id: first['task_id'] });

  expect(first).toMatchObject({ state: 'running', next: expect.stringContaining('pool_wait') });
  expect(waited).toEqual({ outcomes: [expect.objectContaining({ state: 'completed', output: 'late' })] });
});

test('a fan-out tells one outcome for each prompt, failures included', async () => {
  await using stage = await mcpStage({ script });

  const { outcomes } = await stage.ask('pool_fan_out', {
    prompts: ['one', 'refuse', { prompt: 'three', model: 'haiku' }],
    model: 'opus',
  });

  expect(outcomes).toEqual([
    expect.objectContaining({ state: 'completed', output: 'echo: one', model: 'opus' }),
    expect.objectContaining({
      state: 'failed',
      error: expect.objectContaining({ verdict: 'invalidRequest' }),
    }),
    expect.objectContaining({ state: 'completed', output: 'echo: three', model: 'haiku' }),
  ]);
});

test('a chain hands on its outputs', async () => {
  await using stage = await mcpStage({ script });

  const answer = await stage.ask('pool_chain', {
    steps: [
      { name: 'first', prompt: 'one' },
      { name: 'second', type: 'prompt', value: 'two {previous_output}', model: 'haiku' },
    ],
  });

  expect(answer).toMatchObject({
    state: 'completed',
    output: 'echo: two echo: one',
    steps: [
      { name: 'first', state: 'succeeded' },
      { name: 'second', state: 'succeeded' },
    ],
  });
});

test('a request that is taken back cancels the task that it has started, and ends a wait only', async () => {
  await using stage = await mcpStage({ script });
  const { task_id: kept } = await stage.ask('pool_submit', { prompt: 'never' });

  const gone = new AbortController();
  const { client } = stage;
  const bounds = [undefined, { signal: gone.signal }] as const;
  const started = { name: 'pool_run', arguments: { prompt: 'never mind', tags: ['run'] } };
  const run = client.callTool(started, ...bounds);
  const wait = client.callTool({ name: 'pool_wait', arguments: { task_id: kept } }, ...bounds);
  await expect.poll(() => stateOf(stage, 'run')).toBe('running');
  gone.abort();
  await Promise.allSettled([run, wait]);

  await expect.poll(() => stateOf(stage, 'run')).toBe('cancelled');
  expect(await stage.ask('pool_result', { task_id: kept })).toMatchObject({ state: 'running' });
});

test('what cannot be done is told as an error with a code and a remedy', async () => {
  await using stage = await mcpStage({ script });
  const calls = [
    ['pool_run', { prompt: '' }, 'INVALID_OPTIONS'],
    ['pool_run', { prompt: 'x', mdoel: 'haiku' }, 'INVALID_OPTIONS'],
    ['pool_run', { prompt: 'x', mcp_servers: { evil: { command: 'sh' } } }, 'INVALID_OPTIONS'],
    ['pool_result', { task_id: 'task-none' }, 'TASK_NOT_FOUND'],
    ['pool_wait', { task_ids: ['chain-none'] }, 'TASK_NOT_FOUND'],
    ['pool_wait', {}, 'INVALID_OPTIONS'],
    ['pool_chain', { steps: [{ name: 'a' }] }, 'INVALID_OPTIONS'],
  ] as const;

  const errors = await Promise.all(calls.map(([name, args]) => stage.fail(name, args)));

  expect(errors).toEqual(
    calls.map(([, , code]) => ({
      error: expect.objectContaining({ code, message: expect.any(String), remedy: expect.any(String) }),
    })),
  );
  expect(await stage.ask('pool_list_tasks')).toEqual({ tasks: [] });
});

test('a task that failed is an error of `pool_run`, with what is known of it', async () => {
  await using stage = await mcpStage({ script });

  expect(await stage.fail('pool_run', { prompt: 'refuse' })).toMatchObject({
    state: 'failed',
    error: { code: 'TASK_FAILED', verdict: 'invalidRequest', remedy: expect.stringContaining('model') },
  });
});

test('a chain that failed is an error of `pool_chain`, with what to do', async () => {
  await using stage = await mcpStage({ script });
  const steps = [
    { name: 'first', prompt: 'refuse' },
    { name: 'second', prompt: 'two' },
  ];

  expect(await stage.fail('pool_chain', { steps })).toMatchObject({
    state: 'failed',
    steps: [{ state: 'failed' }, { state: 'skipped' }],
    error: { code: 'TASK_FAILED', verdict: 'invalidRequest', remedy: expect.stringContaining('model') },
  });
});

test('a client that leaves ends the pool with all its processes', async () => {
  await using stage = await mcpStage({ script });
  await stage.ask('pool_submit', { prompt: 'never' });

  expect(await stage.leave()).toEqual([]);
});

const EVERY_TOOL =
  'context_delete context_get context_list context_set pool_approve_result pool_auto pool_auto_with_hints pool_broadcast pool_cancel pool_cancel_chain pool_chain pool_chain_result pool_claim pool_configure_slot pool_drain pool_fan_out pool_fan_out_chains pool_find_slots pool_invoke_workflow pool_list_tasks pool_peek_messages pool_read_messages pool_reject_result pool_result pool_route pool_route_with_hints pool_run pool_scale_down pool_scale_up pool_send_message pool_session_metrics pool_set_target_slots pool_skill_add pool_skill_eject pool_skill_get pool_skill_list pool_skill_remove pool_skill_run pool_skill_save pool_status pool_submit pool_submit_chain pool_submit_with_review pool_wait'.split(
    ' ',
  );

type Stage = Awaited<ReturnType<typeof mcpStage>>;

async function stateOf(stage: Stage, tag: string): Promise<unknown> {
  const { tasks } = await stage.ask('pool_list_tasks', { tag });
  return Array.isArray(tasks) ? tasks[0]?.state : undefined;
}
