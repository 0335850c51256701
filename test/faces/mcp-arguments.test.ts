import { expect, test } from 'vitest';
import { viewOf } from '../../machines/task-record.ts';
import { directoryOf } from '../../src/directory-of.ts';
import { inMemory } from './mcp-in-memory.ts';

const own = { model: 'haiku', effort: 'high', max_budget_usd: 0.5 };
const steps = [{ name: 'first', prompt: 'hello', ...own }];
const CALLS = [
  ['pool_run', { prompt: 'hello', ...own }],
  ['pool_submit', { prompt: 'hello', ...own }],
  ['pool_submit_with_review', { prompt: 'hello', ...own }],
  ['pool_fan_out', { prompts: ['hello'], ...own }],
  ['pool_skill_run', { skill: 'summarize', arguments: ['hello'], ...own }],
  ['pool_chain', { steps }],
  ['pool_submit_chain', { steps }],
  ['pool_fan_out_chains', { chains: [steps] }],
  ['pool_auto', { prompt: 'hello', ...own }],
  ['pool_auto_with_hints', { prompt: 'hello', domain: 'greetings', ...own }],
] as const;

test('every tool that starts work heeds its model, effort, cap and tags', async () => {
  const toolUse = { name: 'StructuredOutput', input: { route: 'single', prompt: 'hello' } };
  await using stage = await inMemory({ tools: 'all' }, [
    { when: '<task>', answers: [{ toolUse }, { text: 'routed' }] },
  ]);

  for (const [tool, args] of CALLS) await stage.ask(tool, { ...args, tags: [tool] });

  const { entries } = directoryOf(stage.pool.actor);
  const started = [...entries.values()]
    .map((entry) => viewOf(entry).context.options)
    .filter(({ tags }) => !tags?.includes('route'))
    .map(({ tags, settings, capMicros }) => [tags, settings?.model, settings?.effort, capMicros]);
  // What finding the route has cost is taken off.
  const cap = expect.closeTo(500_000, -5);
  expect(started).toEqual(CALLS.map(([tool]) => [[tool], 'haiku', 'high', cap]));
});
