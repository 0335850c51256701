import {
  ElicitRequestSchema,
  PromptListChangedNotificationSchema,
  ResourceUpdatedNotificationSchema,
} from '@modelcontextprotocol/sdk/types.js';
import { expect, test } from 'vitest';
import { inMemory } from './mcp-in-memory.ts';

test('an agent cannot approve a result where people do', async () => {
  await using stage = await inMemory({});
  const { task_id: id } = await stage.ask('pool_submit_with_review', { prompt: 'hello' });

  const { outcomes } = await stage.ask('pool_wait', { task_id: id });
  const approval = stage.client.callTool({ name: 'pool_approve_result', arguments: { task_id: id } });

  await expect(approval).rejects.toThrow('Expected the name of a tool');
  expect(outcomes).toEqual([
    expect.objectContaining({ state: 'pendingReview', next: expect.stringContaining('person') }),
  ]);
});

test('the person behind the client is asked, and the answer is carried out', async () => {
  await using stage = await inMemory({});
  const answers = [{ decision: 'reject', feedback: 'louder' }, { decision: 'approve' }];
  const asked: string[] = [];
  stage.client.setRequestHandler(ElicitRequestSchema, ({ params }) => {
    asked.push(params.message);
    return { action: 'accept', content: answers[asked.length - 1] ?? {} };
  });

  const { task_id: id } = await stage.ask('pool_submit_with_review', { prompt: 'hello' });
  const { outcomes } = await stage.ask('pool_wait', { task_id: id });

  expect(asked).toEqual([expect.stringContaining('echo: hello'), expect.stringContaining('louder')]);
  expect(outcomes).toEqual([expect.objectContaining({ state: 'completed' })]);
});

test('an agent approves and rejects where the pool allows it', async () => {
  await using stage = await inMemory({ approvals: 'agent' });
  const { task_id: id } = await stage.ask('pool_submit_with_review', { prompt: 'hello' });
  await stage.ask('pool_wait', { task_id: id });

  await stage.ask('pool_reject_result', { task_id: id, feedback: 'louder' });
  await stage.ask('pool_wait', { task_id: id });

  expect(await stage.ask('pool_approve_result', { task_id: id })).toMatchObject({ state: 'completed' });
});

for (const [answer, hints, route, output] of [
  [{ route: 'parallel', prompts: ['one', 'two'] }, {}, 'parallel', '1. echo: one\n\n2. echo: two'],
  [
    {
      route: 'chain',
      steps: [
        { name: 'a', prompt: 'one' },
        { name: 'b', prompt: 'two' },
      ],
    },
    {},
    'chain',
    'echo: two',
  ],
  [{ route: 'parallel', prompts: ['one', 'two'] }, { max_parallel: 1 }, 'single', 'echo: divide'],
  [{ route: 'perhaps' }, {}, 'single', 'echo: divide'],
] as const) {
  test(`the router's ${JSON.stringify(answer)} with the hints ${JSON.stringify(hints)} runs as ${route}`, async () => {
    const toolUse = { name: 'StructuredOutput', input: answer };
    await using stage = await inMemory({ tools: 'all' }, [
      { when: '<task>', answers: [{ toolUse }, { text: 'routed' }] },
    ]);

    const taken = await stage.ask('pool_auto_with_hints', { prompt: 'divide', ...hints });

    expect(taken).toMatchObject({ route, output });
  });
}

test('a router that fails falls back to a single task, but not without a login', async () => {
  await using broken = await inMemory({ tools: 'all' }, [{ when: '<task>', answers: [{ status: 400 }] }]);
  await using loggedOut = await inMemory({ tools: 'all' }, [{ when: '<task>', answers: [{ status: 401 }] }]);

  const route = await broken.ask('pool_route', { prompt: 'divide' });
  const refusal = loggedOut.ask('pool_route', { prompt: 'divide' });

  expect(route).toMatchObject({
    route: 'single',
    prompt: 'divide',
    fallback: expect.stringContaining('400'),
  });
  await expect(refusal).rejects.toThrow('CLAUDE_AUTH');
});

test('resources tell what the pool is, and a subscriber is told when they change', async () => {
  await using stage = await inMemory({ tools: 'all' });
  const { client } = stage;
  const updated = new Set<string>();
  client.setNotificationHandler(
    ResourceUpdatedNotificationSchema,
    ({ params }) => void updated.add(params.uri),
  );
  await client.subscribeResource({ uri: 'pool://status' });
  await client.subscribeResource({ uri: 'pool://context' });

  const { task_id: id } = await stage.ask('pool_run', { prompt: 'hello' });
  await stage.ask('context_set', { key: 'branch', value: 'main' });

  await expect.poll(() => [...updated].toSorted()).toEqual(['pool://context', 'pool://status']);
  expect(await stage.read('pool://context')).toEqual({ branch: 'main' });
  expect(await stage.read('pool://status')).toMatchObject({ state: 'open', completed_tasks: 1 });
  expect(await stage.read('pool://budget')).toMatchObject({ total_usd: null, spent_usd: expect.any(Number) });
  expect(await stage.read('pool://slots/slot-0')).toMatchObject({ id: 'slot-0' });
  expect(await stage.read(`pool://results/${String(id)}`)).toMatchObject({
    output: 'echo: hello',
    prompt: 'hello',
  });
  await expect(stage.read('pool://nonsense')).rejects.toThrow('Expected the URI');
});

test('each skill is a prompt, from the moment that it is there', async () => {
  await using stage = await inMemory({ tools: 'all' });
  const { client } = stage;
  let changes = 0;
  client.setNotificationHandler(PromptListChangedNotificationSchema, () => void (changes += 1));
  await stage.ask('pool_skill_add', {
    name: 'greet',
    description: 'Greets.',
    prompt: 'Say hello to {who}, {who}!',
    arguments: [{ name: 'who', required: true }],
  });

  const { prompts } = await client.listPrompts();
  const { messages } = await client.getPrompt({ name: 'greet', arguments: { who: '$0 {who}' } });

  expect(prompts.map(({ name }) => name)).toContain('greet');
  expect(messages).toEqual([
    { role: 'user', content: { type: 'text', text: 'Say hello to $0 {who}, $0 {who}!' } },
  ]);
  await expect(client.getPrompt({ name: 'greet' })).rejects.toThrow('`who`');
  await stage.ask('pool_skill_remove', { name: 'greet' });
  expect(changes).toBe(2);
});

test('slots, messages, context and metrics have their tools', async () => {
  await using stage = await inMemory({ tools: 'all' });

  expect(await stage.ask('pool_scale_up', { count: 1 })).toEqual({ total_slots: 3 });
  expect(await stage.ask('pool_configure_slot', { slot_id: 'slot-0', role: 'writer' })).toMatchObject({
    role: 'writer',
  });
  expect(await stage.ask('pool_find_slots', { role: 'writer' })).toMatchObject({ count: 1 });
  expect(await stage.ask('pool_broadcast', { from: 'slot-0', content: 'hi' })).toMatchObject({
    recipients: 2,
  });
  expect(await stage.ask('pool_peek_messages', { slot_id: 'slot-1' })).toMatchObject({
    messages: [{ text: 'hi' }],
  });
  expect(await stage.ask('pool_claim', { slot_id: 'slot-0' })).toMatchObject({ claimed: false });
  expect(await stage.ask('context_get', { key: 'none' })).toEqual({ value: null });
  expect(await stage.ask('pool_session_metrics', { tag: 'none' })).toMatchObject({ attempts: 0 });
  expect(await stage.ask('pool_drain')).toMatchObject({ state: 'drained' });
});
