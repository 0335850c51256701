import { createActor } from 'xstate';
import type { EventObject, Snapshot } from 'xstate';
import { expect, test } from 'vitest';
import { stepMachine } from '../../machines/step.ts';
import type {
  ChainStep,
  StepEvent,
  StepInput,
  StepNotice,
  StepResult,
  StepTaskOutcome,
} from '../../machines/step-types.ts';
import { parseTemplate } from '../../machines/template.ts';
import { coverage } from '../../src/testing/model/coverage.ts';
import { notebook } from '../../src/testing/model/notebook.ts';
import { paths } from '../../src/testing/model/paths.ts';
import { stage } from '../../src/testing/model/stage.ts';

const HOPEFUL = { code: 'TASK_FAILED', message: 'It did not compile.' };
const HOPELESS = { code: 'NO_SLOTS_AVAILABLE', message: 'No slot is left.' };
const SPENT = { code: 'BUDGET_EXCEEDED', message: 'Nothing is left.' };

const EVENTS: readonly StepEvent[] = [
  ended({}),
  ended({ status: 'failed', error: HOPEFUL }),
  ended({ status: 'failed', error: HOPELESS }),
  ended({ status: 'failed' }),
  ended({ status: 'cancelled', output: '' }),
  { type: 'task.refused', error: SPENT, at: 5 },
  { type: 'step.cancel', at: 5 },
];

const inputs = [
  inputFor({ retries: 2, recoveryPrompt: parseTemplate('Mend {error}.') }),
  inputFor({ recoveryPrompt: parseTemplate('Mend {error}.') }),
  inputFor({ prompt: parseTemplate('Use {steps.plan.files}.') }),
  inputFor({ when: { value: ['bug'], equals: 'feature' } }),
];
const walks = inputs.flatMap((input) =>
  paths(stepMachine, { input, events: () => EVENTS, limit: 1_000 }).map((path) => ({ input, path })),
);

test('every transition of a step lies on a generated path', () => {
  const { inspect, missing } = coverage(stepMachine);

  for (const { input, path } of walks) {
    const { actor } = stage(stepMachine, { input, inspect });
    for (const event of path) actor.send(event);
  }

  expect(missing()).toEqual([]);
});

test('a step that is passivated between any two events ends as one that stayed live', () => {
  expect(walks.length).toBeGreaterThan(30);
  for (const { input, path } of walks) expect(passivated(input, path)).toEqual(live(input, path));
});

test('a step asks for one task at a time, and ends once', () => {
  for (const { input, path } of walks) {
    const { actor, told } = staged(input);
    for (const event of path) actor.send(event);
    const ends = told().filter(({ type }) => type === 'step.ended').length;
    const requests = told().filter(({ type }) => type === 'step.taskRequested').length;
    const { status, context } = actor.getSnapshot();

    const open = requests - context.taskIds.length - (context.error?.code === 'BUDGET_EXCEEDED' ? 1 : 0);
    expect([ends, status === 'done' ? 0 : open]).toEqual(status === 'done' ? [1, 0] : [0, 1]);
  }
});

test('a step that is answered at once succeeds with the values that it names', () => {
  const { actor, told } = staged(inputFor({ outputs: { files: 'files[0]' } }));

  actor.send(ended({ output: '{"files": ["a.ts"]}' }));

  expect(told()).toEqual([
    { type: 'step.taskRequested', place: 0, prompt: 'Build it.', attempt: 1, at: 1 },
    {
      type: 'step.ended',
      place: 0,
      result: {
        name: 'build',
        status: 'succeeded',
        output: '{"files": ["a.ts"]}',
        attempts: 1,
        retriesUsed: 0,
        recovered: false,
        recoverable: false,
        spend: 3,
        spendEstimated: false,
        startedAt: 1,
        endedAt: 5,
        taskIds: ['task-1'],
      },
      delivered: { files: 'a.ts' },
      at: 5,
    },
  ]);
});

test('a step that failed is retried, then recovered by its other prompt, which knows the error', () => {
  const { actor, told } = staged(inputFor({ retries: 1, recoveryPrompt: parseTemplate('Mend: {error}') }));

  actor.send(ended({ status: 'failed', error: { ...HOPEFUL, message: 'First.' } }));
  actor.send(ended({ status: 'failed', error: { ...HOPEFUL, message: 'Second {error}.' } }));
  actor.send(ended({ output: 'mended' }));

  const [first, second, third, end] = told();
  expect([first, second, third]).toMatchObject([
    { prompt: 'Build it.', attempt: 1 },
    { prompt: 'Build it.', attempt: 2 },
    { prompt: 'Mend: Second {error}.', attempt: 3 },
  ]);
  expect(end).toMatchObject({
    result: { status: 'succeeded', output: 'mended', attempts: 3, retriesUsed: 1, recovered: true, spend: 9 },
  });
});

test('a step without retries is recovered at its first failure', () => {
  const { actor, told } = staged(inputFor({ recoveryPrompt: parseTemplate('Mend {error}') }));

  actor.send(ended({ status: 'failed', error: HOPEFUL }));
  actor.send(ended({ output: 'mended' }));

  expect(told().at(-1)).toMatchObject({
    result: { status: 'succeeded', output: 'mended', attempts: 2, retriesUsed: 0, recovered: true },
  });
});

test('a step whose retry fails too has failed of what the retry met, with what both spent', () => {
  const { actor, told } = staged(inputFor({ retries: 1 }));
  const error = { ...HOPEFUL, message: 'Nor did it now.' };

  actor.send(ended({ status: 'failed', error: HOPEFUL }));
  actor.send(ended({ status: 'failed', error }));

  expect(told().at(-1)).toMatchObject({
    result: { status: 'failed', attempts: 2, retriesUsed: 1, spend: 6, error },
  });
});

const FAILING = ended({ status: 'failed', error: HOPEFUL });
const CANCELLED = ended({ status: 'cancelled', output: '', error: SPENT });
const REFUSED: StepEvent = { type: 'task.refused', error: SPENT, at: 6 };
const CANCEL: StepEvent = { type: 'step.cancel', at: 4 };

test.each([
  { before: [], moment: 'running' },
  { before: [FAILING], moment: 'retrying' },
  { before: [FAILING, FAILING], moment: 'recovering' },
])('a step that is $moment ends as its task does, and by nothing else', ({ before, moment }) => {
  const walk = (...events: readonly StepEvent[]) => {
    const { actor, told } = staged(inputFor({ retries: 1, recoveryPrompt: parseTemplate('Mend {error}.') }));
    for (const event of [...before, ...events]) actor.send(event);
    return { value: actor.getSnapshot().value, error: resultOf(told())?.error };
  };

  expect(walk().value).toBe(moment);
  expect(walk(ended({}))).toEqual({ value: 'succeeded', error: undefined });
  expect(walk(CANCELLED)).toEqual({ value: 'cancelled', error: SPENT });
  expect(walk(REFUSED)).toEqual({ value: 'failed', error: SPENT });
  expect(walk(CANCEL).value).toBe('cancelling');
  expect(walk(CANCEL, FAILING)).toEqual({ value: 'cancelled', error: HOPEFUL });
  expect(walk(CANCEL, REFUSED)).toEqual({ value: 'cancelled', error: SPENT });
});

test.each([
  { step: { retries: 2 }, ends: ['retrying', 'retrying', 'failed'] },
  {
    step: { retries: 1, recoveryPrompt: parseTemplate('Mend {error}.') },
    ends: ['retrying', 'recovering', 'failed'],
  },
])('a step that fails again and again is tried as often as it may be: $ends', ({ step, ends }) => {
  const { actor, told } = staged(inputFor(step));

  const values = ends.map(() => {
    actor.send(FAILING);
    return actor.getSnapshot().value;
  });

  expect(values).toEqual(ends);
  expect(resultOf(told())).toMatchObject({
    attempts: 3,
    spend: 9,
    error: HOPEFUL,
    retriesUsed: step.retries,
  });
});

test('a step whose retry is refused fails of that', () => {
  const { actor, told } = staged(inputFor({ retries: 1 }));

  actor.send(ended({ status: 'failed', error: HOPEFUL }));
  actor.send({ type: 'task.refused', error: SPENT, at: 6 });

  expect(told().at(-1)).toMatchObject({ result: { status: 'failed', attempts: 1, error: SPENT } });
});

test('a failure that another run would only meet again is neither retried nor recoverable', () => {
  const { actor, told } = staged(inputFor({ retries: 2 }));

  actor.send(ended({ status: 'failed', error: HOPELESS }));

  expect(told().at(-1)).toMatchObject({
    result: { status: 'failed', attempts: 1, retriesUsed: 0, recoverable: false, error: HOPELESS },
  });
});

test('a step that lacks a value fails before it is started and names the value (B12)', () => {
  const { told } = staged(inputFor({ prompt: parseTemplate('{steps.plan.files}') }));

  expect(told()).toMatchObject([
    {
      type: 'step.ended',
      result: { status: 'failed', attempts: 0, error: { code: 'VALUE_MISSING' } },
      at: 1,
    },
  ]);
  expect(JSON.stringify(told())).toContain('{steps.plan.files}');
});

test('a value that only the recovery would need is missed before the step is started', () => {
  const { told } = staged(inputFor({ recoveryPrompt: parseTemplate('{error} {previous_output}') }));

  expect(told()).toMatchObject([{ type: 'step.ended', result: { error: { code: 'VALUE_MISSING' } } }]);
});

test('a step whose condition is not met is skipped, whatever its prompt lacks', () => {
  const prompt = parseTemplate('{steps.plan.files}');
  const value = parseTemplate('{steps.plan.kind}');
  const values = { 'steps.plan.kind': ' bug\n' };
  const statusOf = (when: ChainStep['when']) =>
    staged({ ...inputFor({ prompt, ...(when && { when }) }), values }).actor.getSnapshot().value;

  const statuses = [
    { value, equals: 'feature' },
    { value, notEquals: 'bug' },
    { value, equals: 'bug' },
  ].map(statusOf);

  expect(statuses).toEqual(['skipped', 'skipped', 'failed']);
});

test('a condition whose value is missing fails its step', () => {
  const when = { value: parseTemplate('{steps.plan.kind}'), equals: 'bug' };

  const { told } = staged(inputFor({ when }));

  expect(told()).toMatchObject([{ result: { status: 'failed', error: { code: 'VALUE_MISSING' } } }]);
});

test('an answer that comes while the step is cancelled counts', () => {
  const { actor, told } = staged(inputFor({ retries: 1 }));

  actor.send({ type: 'step.cancel', at: 4 });
  actor.send(ended({ output: 'late' }));

  expect(told().at(-1)).toMatchObject({ result: { status: 'succeeded', output: 'late', spend: 3 } });
});

function inputFor(step: Partial<ChainStep>): StepInput {
  return {
    step: { name: 'build', prompt: ['Build it.'], retries: 0, options: {}, ...step },
    place: 0,
    values: {},
    at: 1,
  };
}

function ended(outcome: Partial<StepTaskOutcome>): StepEvent {
  const whole = { status: 'completed', output: 'ok', spend: 3, spendEstimated: false, endedAt: 5 } as const;
  return { type: 'task.ended', taskId: 'task-1', outcome: { ...whole, ...outcome }, at: 5 };
}

function resultOf(told: readonly StepNotice[]): StepResult | undefined {
  return told.flatMap((notice) => (notice.type === 'step.ended' ? [notice.result] : [])).at(-1);
}

/** What the step tells its chain, without XState's own word for its end. */
function staged(input: StepInput) {
  const { actor, told } = stage(stepMachine, { input });
  return { actor, told: () => told().filter(isNotice) };
}

function isNotice(event: EventObject): event is StepNotice {
  return event.type.startsWith('step.');
}

function live(input: StepInput, path: readonly StepEvent[]) {
  const { actor, told } = stage(stepMachine, { input });
  for (const event of path) actor.send(event);
  const { status, value, context } = actor.getSnapshot();
  return { status, value, context, told: told() };
}

/** Walks a path with a new actor for every event, made from the record of the one before. */
function passivated(input: StepInput, path: readonly StepEvent[]) {
  const parent = notebook();
  let actor = createActor(stepMachine, { parent, id: 'step', input }).start();
  for (const event of path) {
    const record: Snapshot<unknown> = JSON.parse(JSON.stringify(actor.getPersistedSnapshot()));
    actor = createActor(stepMachine, { parent, id: 'step', input, snapshot: record }).start();
    actor.send(event);
  }
  const { status, value, context } = actor.getSnapshot();
  return { status, value, context, told: parent.getSnapshot().context };
}
