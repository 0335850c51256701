import { expect, test } from 'vitest';
import { EMPTY, fakeWitness } from './witness.ts';
import type { FakeWitness } from './witness.ts';

const ONCE_BAD = { when: 'flaky', times: 1, answers: [{ status: 400 }] } as const;
const BAD = { when: 'bad', answers: [{ status: 400, message: 'it does not compile' }] } as const;
const PLAN = {
  when: 'Plan',
  answers: [{ text: '```json\n{ "kind": "bug", "files": ["a.ts", "b.ts"] }\n```' }],
} as const;

test('a chain runs its steps in order and hands on answers and named values', async () => {
  await using stage = await fakeWitness({ rules: [PLAN] });

  const chain = await stage.pool.runChain([
    { name: 'plan', prompt: 'Plan it.', outputs: { kind: 'kind', second: 'files[1]', all: 'files' } },
    { name: 'code', prompt: 'Change {steps.plan.second} of {steps.plan.all} for the {steps.plan.kind}.' },
    { name: 'note', prompt: 'Note "{previous_output}".' },
  ]);

  expect(promptsOf(stage)).toEqual([
    'Plan it.',
    'Change b.ts of ["a.ts","b.ts"] for the bug.',
    'Note "echo: Change b.ts of ["a.ts","b.ts"] for the bug.".',
  ]);
  expect(chain).toMatchObject({
    state: 'completed',
    output: `echo: ${promptsOf(stage)[2]}`,
    working: [],
    steps: [
      { name: 'plan', state: 'succeeded', attempts: 1 },
      { name: 'code', state: 'succeeded', attempts: 1 },
      { name: 'note', state: 'succeeded', attempts: 1 },
    ],
  });
});

test('what a step answers is inserted as text, whatever it looks like', async () => {
  const answer = 'see {previous_output}, {steps.first.output}, {error}, $ARGUMENTS and `!ls`';
  await using stage = await fakeWitness({ rules: [{ when: 'first', answers: [{ text: answer }] }] });

  await stage.pool.runChain([
    { name: 'first', prompt: 'first' },
    { name: 'next', prompt: 'Go on: {previous_output}' },
  ]);

  expect(promptsOf(stage)).toEqual(['first', `Go on: ${answer}`]);
});

test('a value that was not delivered is named, and its step is not started (B12)', async () => {
  await using stage = await fakeWitness({ rules: [PLAN] });

  const chain = await stage.pool.runChain([
    { name: 'plan', prompt: 'Plan it.', outputs: { owner: 'team.owner' } },
    { name: 'ask', prompt: 'Ask {steps.plan.owner}.' },
    { name: 'note', prompt: 'Note it.' },
  ]);

  expect(promptsOf(stage)).toEqual(['Plan it.']);
  expect(chain).toMatchObject({
    state: 'failed',
    error: { code: 'VALUE_MISSING', message: expect.stringContaining('`{steps.plan.owner}`') },
    steps: [
      { name: 'plan', state: 'succeeded' },
      { name: 'ask', state: 'failed', attempts: 0, taskIds: [], recoverable: false },
      { name: 'note', state: 'skipped', reason: 'A step before it failed.' },
    ],
  });
});

test('a chain with a skill that is missing, or an argument, is refused before any step runs (B12)', async () => {
  await using stage = await fakeWitness(EMPTY);
  const first = { name: 'first', prompt: 'first' };

  const refusals = await Promise.allSettled([
    stage.pool.submitChain([first, { name: 'second', skill: 'no-such-skill' }]),
    stage.pool.submitChain([first, { name: 'second', skill: 'refactor', arguments: { goal: 'less' } }]),
    stage.pool.submitChain([first, { name: 'second', prompt: 'Use {steps.third.output}.' }]),
  ]);

  expect(refusals).toMatchObject([
    { reason: { code: 'SKILL_NOT_FOUND', message: expect.stringContaining('no-such-skill') } },
    { reason: { code: 'SKILL_INVALID', message: expect.stringContaining('`target`') } },
    { reason: { code: 'INVALID_OPTIONS', message: expect.stringContaining('`third`') } },
  ]);
  expect(stage.pool.chains()).toEqual([]);
  expect(promptsOf(stage)).toEqual([]);
});

test('a step that fails is tried again as often as it may be', async () => {
  await using stage = await fakeWitness({ rules: [{ ...ONCE_BAD, times: 2 }] });

  const chain = await stage.pool.runChain([{ name: 'only', prompt: 'flaky', retries: 2 }]);

  expect(chain).toMatchObject({
    state: 'completed',
    steps: [{ state: 'succeeded', attempts: 3, retriesUsed: 2, recovered: false, output: 'echo: flaky' }],
  });
  expect(chain.steps[0]?.taskIds).toEqual([1, 2, 3].map((count) => `${chain.id}-${count}`));
  expect(chain.error).toBeUndefined();
});

test('the recovery prompt knows the error and what came before, and its success is the step’s', async () => {
  await using stage = await fakeWitness({ rules: [BAD] });

  const chain = await stage.pool.runChain([
    { name: 'first', prompt: 'first' },
    { name: 'second', prompt: 'bad', retries: 1, recoveryPrompt: 'Undo {previous_output}. It was: {error}' },
    { name: 'third', prompt: 'Go on with "{previous_output}".' },
  ]);

  const [, , , recovery = '', last] = promptsOf(stage);
  expect(recovery).toMatch(/^Undo echo: first\. It was: .*it does not compile/);
  expect(last).toBe(`Go on with "echo: ${recovery}".`);
  expect(chain).toMatchObject({
    state: 'completed',
    steps: [{}, { state: 'succeeded', attempts: 3, retriesUsed: 1, recovered: true }, {}],
  });
});

test('a recovery that fails too fails the step with the error of the recovery', async () => {
  await using stage = await fakeWitness({ rules: [BAD] });

  const chain = await stage.pool.runChain([
    { name: 'only', prompt: 'bad', recoveryPrompt: 'bad again: {error}' },
  ]);

  expect(chain).toMatchObject({
    state: 'failed',
    output: '',
    error: { code: 'TASK_FAILED' },
    steps: [{ state: 'failed', attempts: 2, recovered: false, recoverable: true }],
  });
});

test('a chain may go on after a failure, and its steps say what failed', async () => {
  await using stage = await fakeWitness({ rules: [BAD] });

  const chain = await stage.pool.runChain(
    [
      { name: 'first', prompt: 'first' },
      { name: 'second', prompt: 'bad' },
      { name: 'third', prompt: 'Last good: {previous_output}' },
    ],
    { onFailure: 'continue' },
  );

  expect(chain).toMatchObject({
    state: 'completed',
    output: 'echo: Last good: echo: first',
    error: { code: 'TASK_FAILED' },
    steps: [{ state: 'succeeded' }, { state: 'failed' }, { state: 'succeeded' }],
  });
});

test('a group runs beside itself and is joined before the next step', async () => {
  const slow = { when: 'Slow', answers: [{ text: 'slow', delayMs: 200 }] };
  await using stage = await fakeWitness({ rules: [slow] }, { slots: 3 });

  const chain = await stage.pool.runChain([
    { name: 'plan', prompt: 'plan' },
    {
      parallel: [
        { name: 'left', prompt: 'Slow.' },
        { name: 'right', prompt: 'Quick, after {previous_output}' },
        { name: 'middle', prompt: 'Slow too.' },
      ],
    },
    { name: 'join', prompt: '{previous_output}\n\nand {steps.right.output}' },
  ]);

  const right = 'echo: Quick, after echo: plan';
  expect(promptsOf(stage).at(-1)).toBe(
    `## left\n\nslow\n\n## right\n\n${right}\n\n## middle\n\nslow\n\nand ${right}`,
  );
  expect(chain.steps.map(({ name, state }) => [name, state])).toEqual(
    ['plan', 'left', 'right', 'middle', 'join'].map((name) => [name, 'succeeded']),
  );
  const slots = chain.steps.slice(1, 4).map(({ taskIds }) => stage.pool.task(taskIds[0] ?? '').slotId);
  expect(new Set(slots).size).toBeGreaterThan(1);
});

test('a chain that ends with a group answers with all of it', async () => {
  await using stage = await fakeWitness(EMPTY);

  const chain = await stage.pool.runChain([
    {
      parallel: [
        { name: 'one', prompt: 'one' },
        { name: 'two', prompt: 'two' },
      ],
    },
  ]);

  expect(chain.output).toBe('## one\n\necho: one\n\n## two\n\necho: two');
});

test('a step whose condition is not met is skipped and says why', async () => {
  await using stage = await fakeWitness({ rules: [PLAN] });

  const chain = await stage.pool.runChain([
    { name: 'plan', prompt: 'Plan it.', outputs: { kind: 'kind' } },
    { name: 'feature', prompt: 'build', when: { value: '{steps.plan.kind}', equals: 'feature' } },
    { name: 'bug', prompt: 'mend', when: { value: '{steps.plan.kind}', equals: 'bug' } },
    { name: 'rest', prompt: 'rest', when: { value: '{steps.plan.kind}', notEquals: 'bug' } },
  ]);

  expect(promptsOf(stage)).toEqual(['Plan it.', 'mend']);
  expect(chain).toMatchObject({
    state: 'completed',
    output: 'echo: mend',
    steps: [
      { state: 'succeeded' },
      { state: 'skipped', reason: 'The condition of the step is not met by `bug`.' },
      { state: 'succeeded' },
      { state: 'skipped' },
    ],
  });
});

test('the tags of a chain and of its steps are those of their tasks', async () => {
  await using stage = await fakeWitness(EMPTY);
  const { pool } = stage;

  const chain = await pool.runChain(
    [
      { name: 'one', prompt: 'one', options: { tags: ['own', 'all'] } },
      { name: 'two', prompt: 'two' },
    ],
    { tags: ['all'] },
  );

  expect(pool.tasks({ tag: 'all' }).map(({ prompt, tags }) => [prompt, tags])).toEqual([
    ['one', ['all', 'own']],
    ['two', ['all']],
  ]);
  expect(pool.tasks().map((task) => task.chain)).toEqual([
    { id: chain.id, step: 'one' },
    { id: chain.id, step: 'two' },
  ]);
});

test('the cap of a chain holds for all its steps together', async () => {
  const usage = { inputTokens: 100, outputTokens: 100 };
  const spends = { when: 'spend', answers: [{ text: 'spent', usage }] };
  await using stage = await fakeWitness({ rules: [spends] }, { model: 'claude-haiku-4-5', retries: 0 });
  const steps = ['one', 'two', 'three', 'four'].map((name) => ({ name, prompt: `spend ${name}` }));

  const chain = await stage.pool.runChain(steps, { maxBudgetUsd: 0.0012 });

  expect(chain).toMatchObject({
    state: 'failed',
    error: { code: 'BUDGET_EXCEEDED', message: expect.stringContaining('cap of 0.0012 USD') },
    steps: [
      { state: 'succeeded', spendUsd: 0.0006 },
      { state: 'succeeded', spendUsd: 0.0006 },
      { state: 'failed', attempts: 0, spendUsd: 0, recoverable: false },
      { state: 'skipped' },
    ],
  });
  expect(chain.spendUsd).toBeCloseTo(0.0012, 9);
  expect(promptsOf(stage)).toEqual(['spend one', 'spend two']);
});

test('steps are tasks: they are counted once, and the chain counts as nothing (B21)', async () => {
  await using stage = await fakeWitness({ rules: [ONCE_BAD] }, { model: 'claude-haiku-4-5' });
  const { pool } = stage;

  const chain = await pool.runChain([
    { name: 'one', prompt: 'one' },
    { name: 'two', prompt: 'flaky', retries: 1 },
  ]);

  const spend = pool.tasks().reduce((sum, { spendUsd }) => sum + spendUsd, 0);
  const ofSteps = chain.steps.reduce((sum, { spendUsd }) => sum + spendUsd, 0);
  expect(pool.metrics()).toMatchObject({ tasks: { completed: 2, failed: 1 }, attempts: 3 });
  expect(spend).toBeGreaterThan(0);
  expect(chain.spendUsd).toBeCloseTo(spend, 9);
  expect(ofSteps).toBeCloseTo(spend, 9);
  expect(pool.metrics().spendUsd).toBeCloseTo(spend, 9);
  expect(pool.status().spendUsd).toBeCloseTo(spend, 9);
});

test('a running step is seen live: its attempt, its text so far, its cost and its times', async () => {
  const piecemeal = { when: 'flaky', answers: [{ text: ['Half ', 'way'], pieceDelayMs: 60_000 }] };
  await using stage = await fakeWitness(
    { rules: [{ ...ONCE_BAD, when: 'flaky' }, piecemeal] },
    { model: 'claude-haiku-4-5' },
  );
  const { pool } = stage;

  const id = await pool.submitChain([
    { name: 'one', prompt: 'one' },
    { name: 'two', prompt: 'flaky', retries: 1 },
    { name: 'three', prompt: 'three' },
  ]);
  await expect.poll(() => pool.chainResult(id).steps[1]?.partialText).toBe('Half ');
  const chain = pool.chainResult(id);
  const [one, two, three] = chain.steps;

  expect(chain).toMatchObject({
    id,
    state: 'running',
    working: ['two'],
    output: '',
    spendUsd: one?.spendUsd,
  });
  expect(chain.spendUsd).toBeGreaterThan(0);
  expect(one).toMatchObject({ state: 'succeeded', output: 'echo: one', attempts: 1 });
  expect(two).toEqual({
    name: 'two',
    state: 'retrying',
    output: '',
    partialText: 'Half ',
    attempts: 2,
    retriesUsed: 1,
    recovered: false,
    recoverable: false,
    spendUsd: 0,
    spendEstimated: false,
    startedAt: one?.endedAt,
    taskIds: [`${id}-2`, `${id}-3`],
  });
  expect(three).toMatchObject({ state: 'waiting', attempts: 0, taskIds: [], spendUsd: 0 });
  expect(chain.startedAt).toBeGreaterThanOrEqual(chain.submittedAt);
  expect(chain.endedAt).toBeUndefined();
});

test('a step that is tried again shows what its earlier tries have spent', async () => {
  const error = { result: { subtype: 'error_during_execution', is_error: true } };
  const spendsAndFails = { when: 'dear', times: 1, answers: [{ toolUse: noTool(), text: 'hm' }, error] };
  const hangs = { when: 'dear', answers: [{ silence: true }] } as const;
  await using stage = await fakeWitness({ rules: [spendsAndFails, hangs] }, { retries: 0 });
  const { pool } = stage;

  const id = await pool.submitChain([{ name: 'only', prompt: 'dear', retries: 1 }]);
  await stage.event(({ type }) => type === 'chain.stepRetrying');
  const chain = pool.chainResult(id);

  expect(chain.spendUsd).toBeGreaterThan(0);
  expect(chain.steps[0]?.spendUsd).toBe(chain.spendUsd);
});

test('the events of a chain are complete and in order', async () => {
  await using stage = await fakeWitness({ rules: [{ ...ONCE_BAD, times: 2 }, BAD] }, { slots: 1 });

  await stage.pool.runChain([
    { name: 'one', prompt: 'one' },
    { name: 'two', prompt: 'flaky', retries: 2 },
    { name: 'three', prompt: 'bad', recoveryPrompt: 'undo' },
    { name: 'no', prompt: 'no', when: { value: 'a', equals: 'b' } },
    { name: 'four', prompt: 'bad' },
    { name: 'five', prompt: 'five' },
  ]);

  expect(eventsOf(stage)).toEqual([
    'submitted',
    'running',
    'stepStarted one',
    'stepEnded one succeeded',
    'stepStarted two',
    'stepRetrying two',
    'stepRetrying two',
    'stepEnded two succeeded',
    'stepStarted three',
    'stepRecovering three',
    'stepEnded three succeeded',
    'stepEnded no skipped',
    'stepStarted four',
    'stepEnded four failed',
    'stepEnded five skipped',
    'failed',
  ]);
});

test('the events of a group name each of its steps once, in whatever order they end', async () => {
  await using stage = await fakeWitness({ rules: [] }, { slots: 2 });

  await stage.pool.runChain([
    {
      parallel: [
        { name: 'left', prompt: 'one' },
        { name: 'right', prompt: 'other' },
      ],
    },
  ]);

  const events = eventsOf(stage);
  expect(events.slice(0, 4)).toEqual(['submitted', 'running', 'stepStarted left', 'stepStarted right']);
  expect(events.slice(4, 6).toSorted()).toEqual(['stepEnded left succeeded', 'stepEnded right succeeded']);
  expect(events.slice(6)).toEqual(['completed']);
});

test('chains are listed in the order of their submission, or those of one state', async () => {
  const hang = { when: 'hang', answers: [{ silence: true }] } as const;
  await using stage = await fakeWitness({ rules: [hang, BAD] }, { slots: 3 });
  const { pool } = stage;

  const [good, bad] = await Promise.all([pool.runChain(chainOf('good')), pool.runChain(chainOf('bad'))]);
  const running = await pool.submitChain(chainOf('hang'));

  expect(pool.chains().map(({ id }) => id)).toEqual([good.id, bad.id, running]);
  expect(pool.chains({ state: 'failed' })).toEqual([bad]);
  expect(pool.chains({ state: 'running' }).map(({ id }) => id)).toEqual([running]);
  expect(pool.chains({ limit: 1 })).toEqual([good]);
});

test('chains that ended long ago are dropped', async () => {
  await using stage = await fakeWitness(EMPTY, { keepFinished: 2 });
  const { pool } = stage;

  const ids: string[] = [];
  for (const name of ['one', 'two', 'three']) ids.push((await pool.runChain([{ name, prompt: name }])).id);

  expect(pool.chains().map(({ id }) => id)).toEqual(ids.slice(1));
  expect(() => pool.chainResult(ids[0] ?? '')).toThrow(expect.objectContaining({ code: 'CHAIN_NOT_FOUND' }));
});

test('an id that no chain has is refused by every call', async () => {
  await using stage = await fakeWitness(EMPTY);
  const { pool } = stage;

  const refusals = await Promise.allSettled([
    pool.waitChain('chain-9'),
    pool.cancelChain('chain-9'),
    Promise.resolve().then(() => pool.chainResult('chain-9')),
  ]);

  for (const refusal of refusals) expect(refusal).toMatchObject({ reason: { code: 'CHAIN_NOT_FOUND' } });
});

test('one chain that fails takes no other with it: each has its answer, in order (B20)', async () => {
  await using stage = await fakeWitness({ rules: [BAD] }, { slots: 2 });

  const chains = await stage.pool.fanOutChains(
    ['one', 'bad', 'three'].map((prompt) => [
      { name: 'first', prompt },
      { name: 'second', prompt: 'more of {previous_output}' },
    ]),
    { tags: ['fan'] },
  );

  expect(chains.map(({ state, output }) => [state, output])).toEqual([
    ['completed', 'echo: more of echo: one'],
    ['failed', ''],
    ['completed', 'echo: more of echo: three'],
  ]);
  expect(chains[1]).toMatchObject({ error: { code: 'TASK_FAILED' } });
  expect(stage.pool.tasks({ tag: 'fan' })).toHaveLength(5);
});

test('with one chain of a fan-out that is not valid none is started (B20)', async () => {
  await using stage = await fakeWitness(EMPTY);
  const good = [{ name: 'good', prompt: 'good' }];

  const fanOut = stage.pool.fanOutChains([good, [{ name: 'bad', skill: 'no-such-skill' }], good]);

  await expect(fanOut).rejects.toMatchObject({ code: 'SKILL_NOT_FOUND' });
  expect(stage.pool.chains()).toEqual([]);
  expect(await stage.pool.runChain(good)).toMatchObject({ state: 'completed' });
  expect(promptsOf(stage)).toEqual(['good']);
});

function chainOf(prompt: string) {
  return [{ name: 'only', prompt }];
}

function promptsOf(stage: FakeWitness): readonly string[] {
  return stage.prompts().map(({ prompt }) => prompt);
}

function eventsOf({ events }: FakeWitness): readonly string[] {
  return events.flatMap((event) => {
    if (!('chainId' in event)) return [];
    const name = event.type.slice('chain.'.length);
    return [[name, event.step, event.status].filter((word) => word !== undefined).join(' ')];
  });
}

function noTool() {
  return { name: 'Bash', input: { command: 'true' } };
}
