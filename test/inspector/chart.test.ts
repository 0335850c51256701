import { createMachine } from 'xstate';
import { expect, test } from 'vitest';
import { taskMachine } from '../../machines/index.ts';
import { allMachines } from '../../src/diagrams/all-machines.ts';
import { mermaidOf } from '../../src/diagrams/mermaid.ts';
import { statelyOf } from '../../src/diagrams/stately.ts';
import { chartOf } from '../../src/inspector/chart.ts';
import type { ChartState } from '../../src/inspector/chart.ts';

test('the edges of a chart lead from a state that is drawn to a state that is drawn', () => {
  for (const machine of allMachines) {
    const { states, edges } = chartOf(machine);

    const drawn = new Set(states.flatMap(withDescendants).map(({ id }) => id));
    const strangers = edges.filter(({ source, target }) => !drawn.has(source) || !drawn.has(target));
    expect(strangers).toEqual([]);
  }
});

test('transitions between the same two states share an edge, each under its own id', () => {
  const { edges } = chartOf(taskMachine);

  expect(edges.find(({ target }) => target === 'task.pending.ready')).toMatchObject({
    source: 'task.pending.backingOff',
    steps: [{ id: 'task.pending.backingOff task.wake 0', label: 'task.wake [isDue]' }],
  });
  const ids = edges.flatMap(({ steps }) => steps.map(({ id }) => id));
  expect(new Set(ids).size).toBe(ids.length);
});

test('a machine that Stately would import from its text has the same diagram', () => {
  for (const machine of allMachines) {
    const text = statelyOf(machine);

    const config: unknown = JSON.parse(text.slice(text.indexOf('(') + 1, text.lastIndexOf(')')));
    expect(mermaidOf(createMachine(config as never))).toBe(mermaidOf(machine));
  }
});

function withDescendants(state: ChartState): readonly ChartState[] {
  return [state, ...state.states.flatMap(withDescendants)];
}
