import { expect, test } from 'vitest';
import { collectGarbage } from '../adapters/collect-garbage.ts';
import { inMemory } from './mcp-in-memory.ts';

/** Less than the time in which a Claude that hears nothing is ended. */
const LATE_MS = 1_500;
const DEAF = [{ when: 'deaf', answers: [{ hang: 'beforeResult' as const }] }];
const steps = [{ name: 'first', prompt: 'deaf' }];

test('calls that wait answer in time when Claude hears nothing any more', async () => {
  const maxWaitMs = 1_000;
  await using stage = await inMemory({ tools: 'all', maxWaitMs }, DEAF);
  await expect.poll(() => stage.pool.findSlots({ state: 'idle' })).toHaveLength(2);
  const { task_id: id } = await stage.ask('pool_submit', { prompt: 'deaf' });
  const calls = [
    ['pool_route', { prompt: 'deaf' }],
    ['pool_auto', { prompt: 'deaf' }],
    ['pool_run', { prompt: 'deaf' }],
    ['pool_fan_out', { prompts: ['deaf', 'deaf too'] }],
    ['pool_chain', { steps }],
    ['pool_skill_run', { skill: 'summarize', arguments: ['deaf'] }],
    ['pool_wait', { task_id: id }],
  ] as const;

  const times = await Promise.all(calls.map(([tool, args]) => timeOf(stage, tool, args)));

  expect(times.filter((time) => time > maxWaitMs + LATE_MS)).toEqual([]);
});

test('calls that cancel answer in time when Claude hears nothing any more', async () => {
  const maxWaitMs = 300;
  await using stage = await inMemory({ tools: 'all', maxWaitMs }, DEAF);
  const { task_id: task } = await stage.ask('pool_submit', { prompt: 'deaf' });
  const { task_id: chain } = await stage.ask('pool_submit_chain', { steps });
  await expect.poll(() => stage.pool.status().activeTasks).toBe(2);

  const times = [
    await timeOf(stage, 'pool_cancel', { task_id: task }),
    await timeOf(stage, 'pool_cancel_chain', { task_id: chain }),
  ];

  expect(times.filter((time) => time > maxWaitMs + LATE_MS)).toEqual([]);
  expect(await stage.pool.wait(String(task)).catch(({ code }) => code)).toBe('CANCELLED');
  expect(await stage.pool.waitChain(String(chain))).toMatchObject({ state: 'cancelled' });
});

test('a drain answers in time when garbage is collected meanwhile', async () => {
  await using stage = await inMemory({ tools: 'all', maxWaitMs: 300 }, DEAF);
  await stage.ask('pool_submit', { prompt: 'deaf' });

  const draining = stage.ask('pool_drain');
  await expect.poll(() => stage.pool.status().state).toBe('draining');
  collectGarbage();

  expect(await draining).toMatchObject({ state: 'draining', next: expect.any(String) });
});

type Stage = Awaited<ReturnType<typeof inMemory>>;

async function timeOf(stage: Stage, tool: string, args: Readonly<Record<string, unknown>>): Promise<number> {
  const asked = performance.now();
  await stage.ask(tool, args);
  return performance.now() - asked;
}
