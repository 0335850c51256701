import { createActor, fromTransition } from 'xstate';
import { expect, test } from 'vitest';
import { chainMachine } from '../../machines/chain.ts';
import type { ChainEvent, ChainNotice } from '../../machines/chain-types.ts';
import type { StepResult } from '../../machines/step-types.ts';
import { chainOf, chainStage, FAILED, SHUT_OUT, step, taskEnded } from './chain-stage.ts';

const START: ChainEvent = { type: 'chain.start', at: 1 };
const CANCEL: ChainEvent = { type: 'chain.cancel', at: 5 };

test('a chain runs its steps one after the other, each with what the step before has answered (B14)', () => {
  const chain = chainStage(chainOf([step('plan'), step('code', { prompt: 'Code this: {previous_output}' })]));

  chain.send(START);
  chain.send(taskEnded('chain-a-1', { output: 'a {error} plan' }));
  chain.send(taskEnded('chain-a-2', { output: 'done' }));

  expect(chain.tasks()).toEqual([
    {
      id: 'chain-a-1',
      prompt: 'Do plan.',
      options: { group: 'chain-a', session: 'fresh', chain: { id: 'chain-a', step: 'plan' } },
      seq: 7.000001,
      submittedAt: 1,
    },
    {
      id: 'chain-a-2',
      prompt: 'Code this: a {error} plan',
      options: { group: 'chain-a', session: 'resume', chain: { id: 'chain-a', step: 'code' } },
      seq: 7.000002,
      submittedAt: 5,
    },
  ]);
  expect(endOf(chain)).toEqual({ state: 'completed', steps: ['plan succeeded', 'code succeeded'] });
  expect(chain.actor().getSnapshot().output).toMatchObject({ chainId: 'chain-a', output: 'done', spend: 4 });
});

test('a chain without steps is completed as it starts', () => {
  const chain = chainStage(chainOf([]));

  chain.send(START);

  expect(endOf(chain)).toEqual({ state: 'completed', steps: [] });
  expect(chain.actor().getSnapshot().context.endedAt).toBe(1);
});

test('a chain that is cancelled before it starts has run no step', () => {
  const chain = chainStage(chainOf([step('plan')]));

  chain.send(CANCEL);

  expect(chain.tasks()).toEqual([]);
  expect(endOf(chain)).toEqual({ state: 'cancelled', steps: ['plan skipped: The chain was cancelled.'] });
});

test('the first failed step ends the chain as failed and skips the others', () => {
  const chain = chainStage(chainOf([step('plan'), step('code'), step('ship')]));

  chain.send(START);
  chain.send(taskEnded('chain-a-1'));
  chain.send(taskEnded('chain-a-2', FAILED));

  expect(endOf(chain)).toEqual({
    state: 'failed',
    steps: ['plan succeeded', 'code failed', 'ship skipped: A step before it failed.'],
  });
  expect(chain.actor().getSnapshot().output).toMatchObject({
    output: 'answer of chain-a-1',
    error: FAILED.error,
  });
});

test('a step that lacks a value ends its chain at once instead of leaving it running (B12)', () => {
  const chain = chainStage(
    chainOf([step('plan', { outputs: { files: 'files' } }), step('code', { prompt: '{steps.plan.files}' })]),
  );

  chain.send(START);
  chain.send(taskEnded('chain-a-1', { output: 'Just prose.' }));

  expect(endOf(chain)).toEqual({ state: 'failed', steps: ['plan succeeded', 'code failed'] });
  expect(chain.tasks().map(({ id }) => id)).toEqual(['chain-a-1']);
});

test('a step is given the values that earlier steps named, as text', () => {
  const chain = chainStage(
    chainOf([
      step('plan', { outputs: { files: 'files' } }),
      step('note'),
      step('code', { prompt: '{steps.plan.files} of {steps.plan.output}, {previous_output}' }),
    ]),
  );

  chain.send(START);
  chain.send(taskEnded('chain-a-1', { output: 'prose', structuredOutput: { files: ['{error}'] } }));
  chain.send(taskEnded('chain-a-2', { output: 'noted' }));

  expect(chain.tasks().at(-1)?.prompt).toBe('["{error}"] of prose, noted');
});

test('a chain that goes on after failures completes and gives the last text that a step answered', () => {
  const chain = chainStage(
    chainOf([step('plan'), step('code'), step('ship', { prompt: 'Ship {previous_output}' })], {
      onFailure: 'continue',
    }),
  );

  chain.send(START);
  chain.send(taskEnded('chain-a-1', { output: 'the plan' }));
  chain.send(taskEnded('chain-a-2', FAILED));
  chain.send(taskEnded('chain-a-3', FAILED));

  expect(chain.tasks().at(-1)?.prompt).toBe('Ship the plan');
  expect(endOf(chain)).toEqual({
    state: 'completed',
    steps: ['plan succeeded', 'code failed', 'ship failed'],
  });
  expect(chain.actor().getSnapshot().output).toMatchObject({ output: 'the plan', error: FAILED.error });
});

test('steps of a group run beside each other and are joined under their names before the next', () => {
  const chain = chainStage(
    chainOf([
      step('plan'),
      { parallel: [step('code'), step('test')] },
      step('ship', { prompt: '{previous_output}' }),
    ]),
  );

  chain.send(START);
  chain.send(taskEnded('chain-a-1'));
  chain.send(taskEnded('chain-a-3', { output: 'tested' }));
  const beforeJoin = chain.tasks().length;
  chain.send(taskEnded('chain-a-2', { output: 'coded' }));

  expect(beforeJoin).toBe(3);
  expect(chain.tasks().map(({ id, prompt, options }) => [id, prompt, options.session])).toEqual([
    ['chain-a-1', 'Do plan.', 'fresh'],
    ['chain-a-2', 'Do code.', 'fresh'],
    ['chain-a-3', 'Do test.', 'fresh'],
    ['chain-a-4', '## code\n\ncoded\n\n## test\n\ntested', 'fresh'],
  ]);
});

test('a group runs to its end before a failure in it ends the chain', () => {
  const chain = chainStage(chainOf([{ parallel: [step('code'), step('test')] }, step('ship')]));

  chain.send(START);
  chain.send(taskEnded('chain-a-1', FAILED));
  const between = chain.actor().getSnapshot().value;
  chain.send(taskEnded('chain-a-2'));

  expect(between).toEqual({ running: 'working' });
  expect(endOf(chain)).toEqual({
    state: 'failed',
    steps: ['code failed', 'test succeeded', 'ship skipped: A step before it failed.'],
  });
});

test('a cancelled chain cancels its open tasks, skips the rest, keeps the spend and ends cancelled (B13)', () => {
  const chain = chainStage(chainOf([{ parallel: [step('code'), step('test')] }, step('ship')]));
  chain.send(START);
  chain.send(taskEnded('chain-a-1'));

  chain.send(CANCEL);
  chain.send(taskEnded('chain-a-2', { ...FAILED, status: 'cancelled' }));

  expect(chain.told().at(-1)).toEqual({
    type: 'chain.taskCancelled',
    chainId: 'chain-a',
    taskId: 'chain-a-2',
    at: 5,
  });
  expect(endOf(chain)).toEqual({
    state: 'cancelled',
    steps: ['code succeeded', 'test cancelled', 'ship skipped: The chain was cancelled.'],
  });
  expect(chain.actor().getSnapshot().output).toMatchObject({ spend: 4 });
});

test('a chain that is cancelled during its last step ends cancelled, even when the step succeeds (B13)', () => {
  const chain = chainStage(chainOf([step('plan')]));
  chain.send(START);

  chain.send(CANCEL);
  chain.send(CANCEL);
  chain.send(taskEnded('chain-a-1'));

  expect(endOf(chain)).toEqual({ state: 'cancelled', steps: ['plan succeeded'] });
});

test.each(['abort', 'continue'] as const)(
  'a chain whose pool takes no more tasks ends cancelled, whatever a failure would lead to (%s)',
  (onFailure) => {
    const chain = chainStage(
      chainOf([step('plan'), step('code', { retries: 2 }), step('ship')], { onFailure }),
    );
    chain.send(START);
    chain.send(taskEnded('chain-a-1'));

    chain.send(taskEnded('chain-a-2', SHUT_OUT));

    expect(chain.tasks()).toHaveLength(2);
    expect(endOf(chain)).toEqual({
      state: 'cancelled',
      steps: [
        'plan succeeded',
        'code cancelled',
        'ship skipped: The pool was drained before the step could start.',
      ],
    });
  },
);

test('a step that asks for another task while its chain is cancelled gets none and ends cancelled', () => {
  const input = chainOf([{ parallel: [step('code', { retries: 1 }), step('test')] }]);
  const hasty = createActor(
    fromTransition((told: readonly string[], event: ChainNotice) => {
      if (event.type !== 'chain.taskSubmitted') return told;
      if (event.input.id === 'chain-a-2') {
        chain.send(taskEnded('chain-a-1', FAILED));
        chain.send(CANCEL);
      }
      return [...told, event.input.id];
    }, []),
  ).start();
  const chain = createActor(chainMachine, { parent: hasty, id: 'chain', input }).start();

  chain.send(START);
  chain.send(taskEnded('chain-a-2'));

  expect(hasty.getSnapshot().context).toEqual(['chain-a-1', 'chain-a-2']);
  expect(chain.getSnapshot().value).toBe('cancelled');
  expect(chain.getSnapshot().context.results.map(lineOf)).toEqual(['code cancelled', 'test succeeded']);
});

test('a chain whose cap is spent starts no other task and says so', () => {
  const chain = chainStage(chainOf([step('plan'), step('code')], { capMicros: 2 }));

  chain.send(START);
  chain.send(taskEnded('chain-a-1', { spend: 2 }));

  expect(chain.tasks().map(({ options }) => options.capMicros)).toEqual([2]);
  expect(endOf(chain)).toEqual({ state: 'failed', steps: ['plan succeeded', 'code failed'] });
  expect(chain.actor().getSnapshot().output).toMatchObject({ error: { code: 'BUDGET_EXCEEDED' } });
});

test('steps of a group share what the cap of the chain leaves, and no step gets more than its own cap', () => {
  const chain = chainStage(
    chainOf([{ parallel: [step('code', { options: { capMicros: 10 } }), step('test'), step('lint')] }], {
      capMicros: 100,
    }),
  );

  chain.send(START);

  expect(chain.tasks().map(({ options }) => options.capMicros)).toEqual([10, 45, 45]);
});

test('only the first try of a step goes on with the conversation of the step before', () => {
  const chain = chainStage(
    chainOf([
      step('plan'),
      step('code', { retries: 1 }),
      step('ship'),
      step('tell', { options: { session: 'fresh' } }),
    ]),
  );

  chain.send(START);
  chain.send(taskEnded('chain-a-1'));
  chain.send(taskEnded('chain-a-2', FAILED));
  chain.send(taskEnded('chain-a-3'));
  chain.send(taskEnded('chain-a-4'));

  expect(chain.tasks().map(({ options }) => options.session)).toEqual([
    'fresh',
    'resume',
    'fresh',
    'resume',
    'fresh',
  ]);
});

test('steps of a chain with fresh sessions belong to no group of tasks', () => {
  const chain = chainStage(
    chainOf([step('plan', { options: { tags: ['a', 'b'], priority: 2 } })], {
      session: 'fresh',
      tags: ['b', 'c'],
    }),
  );

  chain.send(START);

  expect(chain.tasks()[0]?.options).toEqual({
    priority: 2,
    tags: ['b', 'c', 'a'],
    session: 'fresh',
    chain: { id: 'chain-a', step: 'plan' },
  });
});

function endOf(chain: ReturnType<typeof chainStage>) {
  const { value, context } = chain.actor().getSnapshot();
  return { state: value, steps: context.results.map(lineOf) };
}

function lineOf({ name, status, reason }: StepResult): string {
  return reason === undefined ? `${name} ${status}` : `${name} ${status}: ${reason}`;
}
