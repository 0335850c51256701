import { expect, test } from 'vitest';
import { scratch, start } from './command-line.ts';

test('`machines` prints the diagram of each statechart', async () => {
  await using place = await scratch();

  const { exitCode, stdout, stderr } = await start(['machines'], place);

  expect([exitCode, stderr]).toEqual([0, '']);
  expect(stdout.match(/^## \w+\n\n```mermaid\nstateDiagram-v2$/gm)).toHaveLength(5);
});

test('`machines` with a name prints that diagram and nothing else', async () => {
  await using place = await scratch();

  const { stdout } = await start(['machines', 'task', '--mermaid'], place);

  expect(stdout).toMatch(/^stateDiagram-v2\n\[\*\] --> task_pending\n/);
});

test('`machines --json` prints the definitions as one object', async () => {
  await using place = await scratch();

  const { stdout } = await start(['machines', '--json'], place);

  const { data } = JSON.parse(stdout);
  expect(Object.keys(data)).toEqual(['pool', 'slot', 'task', 'chain', 'step']);
  expect(Object.keys(data.pool.states)).toEqual(['starting', 'open', 'draining', 'drained']);
});

test('`machines --stately` prints source text', async () => {
  await using place = await scratch();

  const { stdout } = await start(['machines', 'slot', '--stately'], place);

  expect(stdout).toMatch(/^import \{ createMachine \} from 'xstate';\n\nexport const slotMachine = /);
});

test('the name of no statechart is wrong usage', async () => {
  await using place = await scratch();

  const { exitCode, stderr } = await start(['machines', 'pond'], place);

  expect(exitCode).toBe(2);
  expect(stderr).toContain('error: expected `pool`, `slot`, `task`, `chain` or `step`, got `pond`');
});
