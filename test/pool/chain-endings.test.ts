import { expect, test } from 'vitest';
import type { ChainInfo } from '../../src/api.ts';
import { EMPTY, fakeWitness, HANG } from './witness.ts';
import type { FakeWitness } from './witness.ts';

const CRASH = { when: 'crash', answers: [{ crash: 'midStream' }] } as const;
const GOOD = { name: 'good', prompt: 'good' };
const HANGING = { name: 'hanging', prompt: 'hang' };
const REST = { name: 'rest', prompt: 'rest' };
const SPENDS = {
  when: 'spend',
  answers: [{ text: 'spent', usage: { inputTokens: 100, outputTokens: 100 } }],
};
const ENDS = new Set(['completed', 'failed', 'cancelled']);

test.each([
  {
    where: 'first',
    steps: [HANGING, REST],
    states: ['hanging cancelled', 'rest skipped'],
  },
  {
    where: 'last',
    steps: [GOOD, HANGING],
    states: ['good succeeded', 'hanging cancelled'],
  },
  {
    where: 'parallel',
    steps: [
      GOOD,
      { parallel: [{ name: 'quick', prompt: 'quick' }, HANGING, { ...HANGING, name: 'too' }] },
      REST,
    ],
    states: ['good succeeded', 'quick succeeded', 'hanging cancelled', 'too cancelled', 'rest skipped'],
  },
])(
  'a chain that is cancelled in its $where step ends it, skips the rest and keeps its spend (B13)',
  async ({ steps, states }) => {
    await using stage = await fakeWitness({ rules: [HANG] }, { slots: 3 });
    const { pool } = stage;
    const id = await pool.submitChain(steps);
    await untilHanging(stage, id);

    const [chain, again] = await Promise.all([pool.cancelChain(id), pool.cancelChain(id)]);
    const after = await pool.run('and now?');

    expect(chain).toMatchObject({ id, state: 'cancelled', working: [] });
    expect(statesOf(chain)).toEqual(states);
    expect(again).toEqual(chain);
    expect(after.output).toBe('echo: and now?');
    expect(await pool.cancelChain(id)).toEqual(chain);
    expect(pool.chainResult(id)).toEqual(chain);
    expect(pool.status()).toMatchObject({ activeTasks: 0, pendingTasks: 0, reservedUsd: 0 });
    const ofTasks = pool.tasks({ limit: 9 }).filter((task) => task.chain?.id === id);
    expect(chain.spendUsd).toBeCloseTo(sum(ofTasks.map(({ spendUsd }) => spendUsd)), 9);
    expect(chainEnds(stage, id)).toEqual(['chain.cancelled']);
  },
);

test('cancelling a chain takes the shell command of its running step with it', async () => {
  const toolUse = { name: 'Bash', input: { command: 'sleep 300' } };
  await using stage = await fakeWitness(
    { rules: [{ when: 'wait', answers: [{ toolUse }, { text: 'slept' }] }] },
    { slots: 1, permissionMode: 'bypassPermissions' },
  );
  const { pool } = stage;
  const warm = await stage.processes();
  const id = await pool.submitChain([{ name: 'waits', prompt: 'wait' }, REST]);
  await expect.poll(async () => (await stage.processes()).length).toBeGreaterThan(warm.length);

  const chain = await pool.cancelChain(id);

  expect(statesOf(chain)).toEqual(['waits cancelled', 'rest skipped']);
  await pool.run('and now?');
  expect((await stage.processes()).length).toBe(warm.length);
});

test('a chain that is cancelled while its step waits for a slot never starts it', async () => {
  await using stage = await fakeWitness({ rules: [HANG] }, { slots: 1 });
  const { pool } = stage;
  await pool.submit('hang');
  const id = await pool.submitChain([GOOD, REST]);

  const chain = await pool.cancelChain(id);

  expect(statesOf(chain)).toEqual(['good cancelled', 'rest skipped']);
  expect(chain.spendUsd).toBe(0);
  expect(stage.prompts().map(({ prompt }) => prompt)).not.toContain('good');
});

test('cancelling the task of a step fails the chain, or lets it go on when failures may', async () => {
  await using stage = await fakeWitness({ rules: [HANG] }, { slots: 2 });
  const { pool } = stage;
  const strict = await pool.submitChain([HANGING, REST]);
  const lenient = await pool.submitChain([HANGING, REST], { onFailure: 'continue' });

  await pool.cancel(`${strict}-1`);
  await pool.cancel(`${lenient}-1`);
  const chains = await Promise.all([pool.waitChain(strict), pool.waitChain(lenient)]);

  expect(chains.map(({ state }) => state)).toEqual(['failed', 'completed']);
  expect(chains.map(statesOf)).toEqual([
    ['hanging cancelled', 'rest skipped'],
    ['hanging cancelled', 'rest succeeded'],
  ]);
});

test('aborting the run of a chain cancels it and tells how far it came', async () => {
  await using stage = await fakeWitness({ rules: [HANG] });
  const abort = new AbortController();

  const run = stage.pool.runChain([GOOD, HANGING, REST], { signal: abort.signal });
  await stage.event((event) => event.type === 'chain.stepStarted' && event.step === 'hanging');
  abort.abort();
  const chain = await run;

  expect(chain.state).toBe('cancelled');
  expect(statesOf(chain)).toEqual(['good succeeded', 'hanging cancelled', 'rest skipped']);
});

test('aborting a fan-out of chains cancels those that have not ended', async () => {
  await using stage = await fakeWitness({ rules: [HANG] });
  const abort = new AbortController();

  const run = stage.pool.fanOutChains([[GOOD], [HANGING]], { signal: abort.signal });
  await stage.event(({ type }) => type === 'chain.completed');
  abort.abort();

  expect((await run).map(({ state }) => state)).toEqual(['completed', 'cancelled']);
});

test('a signal that is aborted already starts no chain', async () => {
  await using stage = await fakeWitness(EMPTY);
  const { pool } = stage;
  const reason = new Error('never mind');
  const signal = AbortSignal.abort(reason);

  const calls = await Promise.allSettled([
    pool.runChain([GOOD], { signal }),
    pool.submitChain([GOOD], { signal }),
    pool.fanOutChains([[GOOD], [GOOD]], { signal }),
  ]);

  expect(calls).toMatchObject([{ reason }, { reason }, { reason }]);
  expect(pool.chains()).toEqual([]);
});

test('waiting for a chain has a bound and a signal, and neither touches the chain', async () => {
  await using stage = await fakeWitness({ rules: [HANG] });
  const { pool } = stage;
  const id = await pool.submitChain([HANGING]);
  const reason = new Error('enough');

  const [late, aborted] = await Promise.allSettled([
    pool.waitChain(id, { timeoutMs: 20 }),
    pool.waitChain(id, { signal: AbortSignal.abort(reason) }),
  ]);

  expect(late).toMatchObject({ reason: { code: 'TIMEOUT', message: expect.stringContaining(id) } });
  expect(aborted).toMatchObject({ reason });
  expect(pool.chainResult(id).state).toBe('running');
});

test.each(['abort', 'continue'] as const)(
  'a drain lets the running step end and cancels the chain before its next (%s)',
  async (onFailure) => {
    const slow = { when: 'slow', answers: [{ text: 'done', delayMs: 150 }] };
    await using stage = await fakeWitness({ rules: [slow] }, { slots: 1 });
    const { pool } = stage;
    const running = await pool.submitChain([{ name: 'slow', prompt: 'slow' }, GOOD, REST], { onFailure });
    const waiting = await pool.submitChain([GOOD, REST], { onFailure });
    const last = await pool.submitChain([GOOD], { onFailure });
    await stage.event(({ type }) => type === 'slot.busy');

    const summary = await pool.drain();

    const chains = [running, waiting, last].map((id) => pool.chainResult(id));
    expect(chains.map(({ state }) => state)).toEqual(['cancelled', 'cancelled', 'cancelled']);
    expect(chains.map(statesOf)).toEqual([
      ['slow succeeded', 'good cancelled', 'rest skipped'],
      ['good cancelled', 'rest skipped'],
      ['good cancelled'],
    ]);
    expect(chains[0]).toMatchObject({ output: 'done', error: { code: 'POOL_CLOSED' } });
    expect(summary).toMatchObject({ completedTasks: 1, cancelledTasks: 3, errorCount: 0 });
    expect(stage.prompts().map(({ prompt }) => prompt)).toEqual(['slow']);
    expect(await stage.processes()).toEqual([]);
  },
);

test('a drain in the last step of a chain lets it complete', async () => {
  const slow = { when: 'slow', answers: [{ text: 'done', delayMs: 150 }] };
  await using stage = await fakeWitness({ rules: [slow] });
  const id = await stage.pool.submitChain([GOOD, { name: 'slow', prompt: 'slow' }]);
  await stage.event((event) => event.type === 'chain.stepStarted' && event.step === 'slow');

  await stage.pool.drain();

  expect(await stage.pool.waitChain(id)).toMatchObject({ state: 'completed', output: 'done' });
});

test('a drain with a time limit cancels the running step and its chain, and who waits for it is told', async () => {
  await using stage = await fakeWitness({ rules: [HANG] });
  const { pool } = stage;
  const run = pool.runChain([GOOD, { ...HANGING, retries: 3, recoveryPrompt: 'undo' }, REST]);
  await stage.event((event) => event.type === 'chain.stepStarted' && event.step === 'hanging');

  await pool.drain({ timeoutMs: 50 });
  const chain = await run;

  expect(chain.state).toBe('cancelled');
  expect(statesOf(chain)).toEqual(['good succeeded', 'hanging cancelled', 'rest skipped']);
  expect(await stage.processes()).toEqual([]);
});

test('a drained pool keeps what became of its chains and takes no more', async () => {
  await using stage = await fakeWitness(EMPTY);
  const { pool } = stage;
  const chain = await pool.runChain([GOOD]);

  await pool.drain();

  expect(pool.chainResult(chain.id)).toEqual(chain);
  expect(await pool.cancelChain(chain.id)).toEqual(chain);
  await expect(pool.submitChain([GOOD])).rejects.toMatchObject({ code: 'POOL_CLOSED' });
});

test('a budget of the pool that is spent in mid-chain ends the chain there, and no other is taken', async () => {
  await using stage = await fakeWitness(
    { rules: [SPENDS] },
    { slots: 1, model: 'claude-haiku-4-5', budgetUsd: 0.0012, reservationUsd: 0.0006, retries: 0 },
  );
  const { pool } = stage;
  const steps = ['one', 'two', 'three', 'four'].map((name) => ({
    name,
    prompt: `spend ${name}`,
    retries: 3,
    recoveryPrompt: 'spend again',
  }));

  const chain = await pool.runChain(steps);

  expect(chain).toMatchObject({ state: 'failed', error: { code: 'BUDGET_EXCEEDED' } });
  expect(statesOf(chain)).toEqual(['one succeeded', 'two succeeded', 'three failed', 'four skipped']);
  expect(chain.spendUsd).toBeCloseTo(0.0012, 9);
  expect(chain.steps[2]).toMatchObject({ attempts: 1, spendUsd: 0, recoverable: false });
  await expect(pool.submitChain([GOOD])).rejects.toMatchObject({ code: 'BUDGET_EXCEEDED' });
  await expect(pool.fanOutChains([[GOOD]])).rejects.toMatchObject({ code: 'BUDGET_EXCEEDED' });
});

test('a slot that is lost in mid-chain is replaced, and the chain completes', async () => {
  await using stage = await fakeWitness({ rules: [{ ...CRASH, times: 1 }] }, { slots: 1 });

  const chain = await stage.pool.runChain([GOOD, { name: 'crash', prompt: 'crash' }, REST]);

  expect(chain.state).toBe('completed');
  expect(statesOf(chain)).toEqual(['good succeeded', 'crash succeeded', 'rest succeeded']);
  expect(stage.pool.task(`${chain.id}-2`)).toMatchObject({ attempts: 2 });
  expect(stage.events.some(({ type }) => type === 'slot.recovering')).toBe(true);
});

test('a chain whose last slot is lost for good fails at once and says so', async () => {
  await using stage = await fakeWitness({ rules: [CRASH] }, { slots: 1, maxRestarts: 0, retries: 3 });

  const chain = await stage.pool.runChain([
    GOOD,
    { name: 'crash', prompt: 'crash', retries: 2, recoveryPrompt: 'undo' },
    REST,
  ]);

  expect(chain).toMatchObject({ state: 'failed', error: { code: 'NO_SLOTS_AVAILABLE' } });
  expect(statesOf(chain)).toEqual(['good succeeded', 'crash failed', 'rest skipped']);
});

function statesOf({ steps }: ChainInfo): readonly string[] {
  return steps.map(({ name, state }) => `${name} ${state}`);
}

/** Resolves when every step that hangs has its slot, and no other is at work. */
async function untilHanging({ pool }: FakeWitness, id: string): Promise<void> {
  await expect
    .poll(() => {
      const { working } = pool.chainResult(id);
      const busy = pool.tasks({ state: 'running' }).map((task) => task.chain?.step);
      return (
        working.length > 0 &&
        working.every((step) => step !== 'quick' && step !== 'good' && busy.includes(step))
      );
    })
    .toBe(true);
}

function chainEnds({ events }: FakeWitness, id: string): readonly string[] {
  return events.flatMap((event) => {
    const isEnd = 'chainId' in event && event.chainId === id && ENDS.has(event.type.slice('chain.'.length));
    return isEnd ? [event.type] : [];
  });
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
