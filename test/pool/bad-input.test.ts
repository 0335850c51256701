import { chmod } from 'node:fs/promises';
import { createPool } from 'claude-pool';
import type { PoolOptions, TaskOptions } from 'claude-pool';
import { fakeClaude } from 'claude-pool/testing';
import { expect, test } from 'vitest';
import { gatedDriver, reportOf } from './scripted-driver.ts';
import { fakePool, program } from './stage.ts';

const WRONG_POOLS: readonly (readonly [string, unknown, string])[] = [
  ['no slots', { slots: 0 }, 'Expected `slots` to be greater than 0, got `0` (number).'],
  ['negative slots', { slots: -2 }, 'Expected `slots` to be'],
  ['a fraction of a slot', { slots: 1.5 }, 'got `1.5` (number).'],
  ['a budget of NaN', { budgetUsd: Number.NaN }, 'Expected `budgetUsd` to be a number, got `NaN` (number).'],
  ['a budget beyond exact figures', { budgetUsd: 1e300 }, 'Expected `budgetUsd` to be at most 1000000000'],
  ['a negative budget', { budgetUsd: -1 }, 'Expected `budgetUsd` to be greater than 0, got `-1` (number).'],
  ['an unknown option', { slotz: 3 }, 'Expected only known options, got `slotz`.'],
  ['an unknown option of Claude', { claude: { comand: 'claude' } }, '`claude.comand`'],
  [
    'an unknown permission mode',
    { permissionMode: 'yolo' },
    'Expected `permissionMode` to be one of `default`',
  ],
  ['a driver without `open`', { driver: {} }, 'Expected `driver` to be an object with a method `open`'],
];

for (const [what, options, message] of WRONG_POOLS) {
  test(`${what} is refused with the option's name, what was expected and what was got`, async () => {
    const start = createPool(options as PoolOptions);

    await expect(start).rejects.toMatchObject({
      code: 'INVALID_OPTIONS',
      message: expect.stringContaining(message),
    });
  });
}

const WRONG_TASKS: readonly (readonly [string, unknown, unknown, string])[] = [
  ['an empty prompt', '', {}, 'Expected `prompt` to be a string that is not empty, got `""` (string).'],
  ['a prompt of blanks', ' \n ', {}, 'Expected `prompt` to be a string that is not empty'],
  ['a prompt that is no text', 42, {}, 'Expected `prompt` to be a string, got `42` (number).'],
  ['an unknown task option', 'hi', { modell: 'x' }, 'Expected only known options, got `modell`.'],
  ['a cap of nothing', 'hi', { maxBudgetUsd: 0 }, 'Expected `maxBudgetUsd` to be greater than 0'],
];

test('a wrong task is refused, and the pool goes on', async () => {
  await using stage = await fakePool({ rules: [] });

  for (const [, prompt, options, message] of WRONG_TASKS) {
    await expect(stage.pool.submit(prompt as string, options as TaskOptions)).rejects.toMatchObject({
      code: 'INVALID_OPTIONS',
      message: expect.stringContaining(message),
    });
  }

  expect(stage.pool.status().pendingTasks).toBe(0);
  expect((await stage.pool.run('hi')).output).toBe('echo: hi');
});

test('options that are none are refused by every call that takes some', async () => {
  await using pool = await createPool({ driver: gatedDriver().driver });
  const refusal = { code: 'INVALID_OPTIONS', message: expect.stringContaining('Expected `options` to be') };

  for (const wrong of [null, 5_000, 'fast', []] as never[]) {
    const rejected = [
      createPool(wrong),
      pool.run('hi', wrong),
      pool.submit('hi', wrong),
      pool.submitWithReview('hi', wrong),
      pool.fanOut(['hi'], wrong),
      pool.wait('task-1', wrong),
      pool.result('task-1', wrong),
      pool.cancel('task-1', wrong),
      pool.approveResult('task-1', wrong),
      pool.rejectResult('task-1', 'No.', wrong),
      pool.diff('task-1', wrong),
      pool.submitChain([], wrong),
      pool.runChain([], wrong),
      pool.fanOutChains([[]], wrong),
      pool.waitChain('chain-1', wrong),
      pool.cancelChain('chain-1', wrong),
      pool.runSkill('code-review', {}, wrong),
      pool.submitSkill('code-review', {}, wrong),
      pool.history(wrong),
      pool.drain(wrong),
      pool.workspaces.list(wrong),
      pool.workspaces.diff('main', wrong),
      pool.workspaces.restore('main', wrong),
      pool.workspaces.prune(wrong),
    ];
    const thrown = [
      () => pool.tasks(wrong),
      () => pool.chains(wrong),
      () => pool.findSlots(wrong),
      () => pool.events(wrong),
      () => pool.output('task-1', wrong),
    ];

    await Promise.all(rejected.map((refused) => expect(refused).rejects.toMatchObject(refusal)));
    for (const refused of thrown) expect(refused).toThrow(expect.objectContaining(refusal));
  }
  expect(pool.status()).toMatchObject({ state: 'open', pendingTasks: 0, activeTasks: 0 });
});

test('a filter by what nothing is filtered by is refused, as is a state that nothing is in', async () => {
  await using pool = await createPool({ driver: gatedDriver().driver });
  const wrongKey = { code: 'INVALID_OPTIONS', message: 'Expected only known options, got `stat`.' };
  const wrongState = { code: 'INVALID_OPTIONS', message: expect.stringContaining('`state` to be one of') };

  for (const list of ['tasks', 'chains', 'findSlots'] as const) {
    expect(() => pool[list]({ stat: 'completed' } as never)).toThrow(expect.objectContaining(wrongKey));
    expect(() => pool[list]({ state: 'done' } as never)).toThrow(expect.objectContaining(wrongState));
  }
});

test('a fan-out with one wrong prompt starts none', async () => {
  await using stage = await fakePool({ rules: [] });

  await expect(stage.pool.fanOut(['fine', ''])).rejects.toMatchObject({ code: 'INVALID_OPTIONS' });

  expect(stage.pool.tasks()).toEqual([]);
});

test('a fan-out of something that is no list of prompts is refused', async () => {
  await using pool = await createPool({ driver: gatedDriver().driver });

  for (const wrong of ['abc', undefined, [null]]) {
    await expect(pool.fanOut(wrong as never)).rejects.toMatchObject({
      code: 'INVALID_OPTIONS',
      message: expect.stringContaining('Expected `requests'),
    });
  }
});

test('a wait that no timer can keep is refused, and neither the task nor the pool is touched', async () => {
  const gate = gatedDriver();
  await using pool = await createPool({ driver: gate.driver });
  const id = await pool.submit('work');

  for (const timeoutMs of [Number.POSITIVE_INFINITY, Number.NaN, -1, 2 ** 31]) {
    const refusal = { code: 'INVALID_OPTIONS', message: expect.stringContaining('Expected `timeoutMs`') };
    await expect(pool.wait(id, { timeoutMs })).rejects.toMatchObject(refusal);
    await expect(pool.waitChain('any', { timeoutMs })).rejects.toMatchObject(refusal);
    await expect(pool.drain({ timeoutMs })).rejects.toMatchObject(refusal);
  }
  gate.open('work');

  expect((await pool.wait(id, { timeoutMs: 2 ** 31 - 1 })).output).toBe('done');
});

test('what no process can be started with is refused before any slot tries', async () => {
  await using stage = await fakePool({ rules: [] }, { slots: 1 });
  const { pool } = stage;
  const refusal = expect.objectContaining({ code: 'INVALID_OPTIONS' });

  for (const wrong of ['a\0b', 'é'.repeat(40_001)]) {
    await expect(pool.run('hi', { appendSystemPrompt: wrong })).rejects.toThrow(refusal);
    expect(() => pool.contextSet('key', wrong)).toThrow(refusal);
    expect(() => pool.configureSlot('slot-0', { description: wrong })).toThrow(refusal);
  }
  pool.contextSet('key', 'x'.repeat(32_765));

  expect(() => pool.contextSet('other', 'x')).toThrow(refusal);
  expect((await pool.run('hi', { appendSystemPrompt: 'é'.repeat(40_000) })).output).toBe('echo: hi');
});

test('a listener that cannot be called is refused where it is given', async () => {
  await using pool = await createPool({ driver: gatedDriver().driver });

  expect(() => pool.on('event', 5 as never)).toThrow(expect.objectContaining({ code: 'INVALID_OPTIONS' }));
});

test('the smallest budget is a micro-dollar, not none', async () => {
  const gate = gatedDriver();
  await using pool = await createPool({ driver: gate.driver, budgetUsd: 1e-9 });

  gate.open('work', reportOf({ spend: 1 }));

  expect((await pool.run('work')).output).toBe('done');
  await expect(pool.submit('more')).rejects.toMatchObject({ code: 'BUDGET_EXCEEDED' });
});

test('an unknown task id is told apart', async () => {
  await using stage = await fakePool({ rules: [] });

  await expect(stage.pool.wait('task-nobody')).rejects.toMatchObject({ code: 'TASK_NOT_FOUND' });
  await expect(stage.pool.cancel('task-nobody')).rejects.toMatchObject({ code: 'TASK_NOT_FOUND' });
  expect(() => stage.pool.task('task-nobody')).toThrow('Expected the id of a task of this pool');
});

test('a missing claude ends the start with the way to install it', async () => {
  const start = createPool({ claude: { command: 'no-such-claude' } });

  await expect(start).rejects.toMatchObject({
    code: 'CLAUDE_NOT_FOUND',
    message: expect.stringContaining('npm install'),
  });
});

const WRONG_PROGRAMS: readonly (readonly [string, string, string])[] = [
  [
    'prints garbage',
    'while read line; do for i in $(seq 30); do echo "what?"; done; done',
    'CLAUDE_PROTOCOL',
  ],
  ['ends at once', 'echo "no network" >&2; exit 7', 'CLAUDE_PROTOCOL'],
];

for (const [what, text, code] of WRONG_PROGRAMS) {
  test(`a claude that ${what} ends the start with its own words`, async () => {
    await using wrong = await program(text);

    const start = createPool({ slots: 2, claude: { command: wrong.command } });

    await expect(start).rejects.toMatchObject({ code });
  });
}

test('a claude that is not executable is told from a missing one', async () => {
  await using plain = await program('exit 0');
  await chmod(plain.command, 0o644);

  const start = createPool({ claude: { command: plain.command } });

  await expect(start).rejects.toMatchObject({
    code: 'CLAUDE_NOT_FOUND',
    message: expect.stringContaining('not executable'),
  });
});

test('a claude that needs a login ends the start with the remedy', async () => {
  const claude = fakeClaude({ script: { rules: [] }, account: 'none' });

  const start = createPool({ claude });

  await expect(start).rejects.toMatchObject({
    code: 'CLAUDE_AUTH',
    message: expect.stringContaining('Log in'),
  });
});
