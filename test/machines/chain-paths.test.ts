import { expect, test } from 'vitest';
import { chainMachine } from '../../machines/chain.ts';
import { workingSteps } from '../../machines/chain-progress.ts';
import type { ChainContext, ChainEvent, ChainInput } from '../../machines/chain-types.ts';
import type { StepResult } from '../../machines/step-types.ts';
import { parseTemplate } from '../../machines/template.ts';
import { coverage } from '../../src/testing/model/coverage.ts';
import { paths } from '../../src/testing/model/paths.ts';
import { silent } from '../../src/testing/model/silent.ts';
import { stage } from '../../src/testing/model/stage.ts';
import { chainOf, chainStage, chainWalks, SHUT_OUT, step, taskEnded } from './chain-stage.ts';

const START: ChainEvent = { type: 'chain.start', at: 1 };
const CANCEL: ChainEvent = { type: 'chain.cancel', at: 5 };

const pipeline = chainOf([
  step('plan', { retries: 1, recoveryPrompt: parseTemplate('Mend {error}.') }),
  { parallel: [step('code', { prompt: 'Code {previous_output}' }), step('test')] },
  step('ship', { prompt: '{previous_output}' }),
]);
const stubborn: ChainInput = { ...pipeline, options: { ...pipeline.options, onFailure: 'continue' } };
const capped: ChainInput = { ...pipeline, options: { ...pipeline.options, capMicros: 5 } };
const walks = [pipeline, stubborn, capped].flatMap((input) => chainWalks(input));

test('every transition of a chain lies on a generated path', () => {
  const quiet = chainMachine.provide({ actors: { step: silent } });
  const { inspect, missing } = coverage(quiet);

  for (const input of [chainOf([]), capped, stubborn]) {
    for (const path of paths(quiet, { input, events: ({ context }) => eventsFor(context) })) {
      const { actor } = stage(quiet, { input, inspect });
      for (const event of path) actor.send(event);
    }
  }

  expect(missing()).toEqual([]);
});

test('a chain that is passivated between any two events ends as one that stayed live', () => {
  expect(walks.length).toBeGreaterThan(300);
  for (const { input, path, chain } of walks) {
    const passivated = chainStage(input);

    for (const event of path) {
      passivated.passivate();
      passivated.send(event);
    }

    expect([passivated.record(), passivated.told()]).toEqual([chain.record(), chain.told()]);
  }
});

test('a chain counts all that its tasks spent, once', () => {
  for (const { chain } of walks) {
    const { context } = chain.actor().getSnapshot();
    const ended = chain.tasks().length - context.openTasks.length;

    expect(context.spend).toBe(ended * 2);
  }
});

test('the results of a chain that has ended hold all its spend', () => {
  const ended = walks.filter(({ chain }) => chain.actor().getSnapshot().status === 'done');

  for (const { chain } of ended) {
    const { spend, results } = chain.actor().getSnapshot().context;
    expect(sum(results.map((result) => result.spend))).toBe(spend);
  }
});

test('a chain that has ended lists every step in order and has no open task', () => {
  const ended = walks.filter(({ chain }) => chain.actor().getSnapshot().status === 'done');

  for (const { chain } of ended) {
    const { openTasks, results, endedAt } = chain.actor().getSnapshot().context;
    expect(results.map(({ name }) => name)).toEqual(['plan', 'code', 'test', 'ship']);
    expect([openTasks, endedAt]).toEqual([[], 5]);
  }
});

test('a chain that runs waits for at least one task', () => {
  const running = walks.filter(({ chain }) => chain.actor().getSnapshot().matches('running'));

  for (const { chain } of running) {
    const { openTasks } = chain.actor().getSnapshot().context;
    expect(openTasks.length).toBe(workingSteps(chain.actor().getSnapshot().context).length);
    expect(openTasks.length).toBeGreaterThan(0);
  }
});

test('no task is submitted with a cap that what was spent and what runs do not leave', () => {
  for (const path of walks.filter(({ input }) => input === capped).map((walk) => walk.path)) {
    const chain = chainStage(capped);
    for (const event of path) {
      const before = chain.tasks().length;
      chain.send(event);
      if (chain.tasks().length === before) continue;
      const { spend, openTasks } = chain.actor().getSnapshot().context;

      expect(spend + sum(openTasks.map(({ capMicros = 0 }) => capMicros))).toBeLessThanOrEqual(5);
    }
  }
});

test('a chain that was cancelled stays so on every path (B13)', () => {
  const cancelled = walks.filter(({ path }) => path.slice(0, -1).some(({ type }) => type === 'chain.cancel'));

  expect(cancelled.length).toBeGreaterThan(50);
  for (const { chain } of cancelled) {
    const { status, value } = chain.actor().getSnapshot();
    expect(value).toEqual(status === 'done' ? 'cancelled' : { running: 'cancelling' });
  }
});

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

/** What silent steps and tasks could say. */
function eventsFor(context: ChainContext): readonly ChainEvent[] {
  const { openTasks, groups, group, submitted } = context;
  const busy = new Set(openTasks.map(({ place }) => place));
  const idle = workingSteps(context)
    .map((working) => groups[group]?.indexOf(working) ?? 0)
    .filter((place) => !busy.has(place));
  return [
    START,
    CANCEL,
    ...openTasks.map(({ taskId }) => taskEnded(taskId)),
    taskEnded('task-of-another'),
    ...idle.flatMap((place) => [
      ...(submitted < 4 ? [requested(place)] : []),
      stepEnded(context, place, 'succeeded'),
      stepEnded(context, place, 'failed'),
      stepEnded(context, place, 'cancelled'),
    ]),
  ];
}

function requested(place: number): ChainEvent {
  return { type: 'step.taskRequested', place, prompt: 'Go.', attempt: 1, at: 5 };
}

function stepEnded(
  { groups, group }: ChainContext,
  place: number,
  status: 'succeeded' | 'failed' | 'cancelled',
): ChainEvent {
  const result: StepResult = {
    name: groups[group]?.[place]?.name ?? '',
    status,
    output: '',
    attempts: 1,
    retriesUsed: 0,
    recovered: false,
    recoverable: false,
    spend: 0,
    spendEstimated: false,
    taskIds: [],
    ...(status === 'cancelled' && { error: SHUT_OUT.error }),
  };
  return { type: 'step.ended', place, result, delivered: {}, at: 5 };
}
