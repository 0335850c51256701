import { expect, test, vi } from 'vitest';
import { chainMachine } from '../../machines/chain.ts';
import type { ChainEvent, ChainInput } from '../../machines/chain-types.ts';
import type { StepTaskOutcome } from '../../machines/step-types.ts';
import type { ChainForm } from '../../src/chains/chain-form.ts';
import { instantiateChain } from '../../src/chains/instantiate-chain.ts';
import { parseChain } from '../../src/chains/parse-chain.ts';
import { checkInvariants } from '../../src/testing/model/check-invariants.ts';
import { coverage } from '../../src/testing/model/coverage.ts';
import { chainOf, chainStage, chainWalks, FAILED, SHUT_OUT, taskEnded } from '../machines/chain-stage.ts';
import type { ChainWalk } from '../machines/chain-stage.ts';
import { ANSWER_MICROS } from './directed-claude.ts';
import type { Play } from './directed-claude.ts';
import { directedStage } from './directed-stage.ts';
import type { DirectedStage } from './directed-stage.ts';
import { dealt, nameOf, wholePaths } from './whole-paths.ts';

interface Walk {
  readonly form: ChainForm;
  readonly input: ChainInput;
  readonly path: readonly ChainEvent[];
}

const POOLS = 6;
const START: ChainEvent = { type: 'chain.start', at: 1 };
const CANCEL: ChainEvent = { type: 'chain.cancel', at: 5 };
const CANCELLED = { ...SHUT_OUT, error: { code: 'CANCELLED', message: 'The task was cancelled.' } };
const PLAYS: Readonly<Record<StepTaskOutcome['status'], Play>> = {
  completed: 'answered',
  failed: 'outOfTurns',
  cancelled: 'interrupted',
};

const plan = { name: 'plan', prompt: 'Plan.' };
const code = { name: 'code', prompt: 'Code {previous_output}.' };
const forms: readonly ChainForm[] = [
  { steps: [{ ...plan, retries: 1, recoveryPrompt: 'Mend {error}.' }, code] },
  { steps: [{ parallel: [plan, { name: 'test', prompt: 'Test.' }] }, code] },
  { steps: [plan, code], options: { onFailure: 'continue' } },
  { steps: [plan, code], options: { maxBudgetUsd: ANSWER_MICROS / 1e6 } },
  { steps: [plan, { ...code, when: { value: '{previous_output}', equals: 'nothing' } }] },
];
const walks = forms.flatMap((form): readonly Walk[] => {
  const input = inputOf(form);
  const found = chainWalks(input, eventsFor).map(({ path }) => path);
  return wholePaths(found).map((path) => ({ form, input, path }));
});
const lastWalks = walks.filter(({ path }) => path.some(isShutOut));
const otherWalks = walks.filter(({ path }) => !path.some(isShutOut));

test('the paths that are walked on a real pool take every transition of a chain that a pool has a cause for', () => {
  const { inspect, missing } = coverage(chainMachine);

  for (const { input, path } of walks) {
    const chain = chainStage(input, inspect);
    for (const event of path) chain.send(event);
  }

  expect(missing()).toEqual(CAUSELESS);
});

test.concurrent.each(dealt(otherWalks, POOLS).map((share) => [share.length, share] as const))(
  'a real chain does as the model on %i paths',
  async (_, share) => {
    await using stage = await openStage();
    for (const walk of share) expect(await follow(stage, walk)).toBe(walk.path.length);
  },
);

test.concurrent.each(lastWalks.map((walk) => [nameOf(walk.path), walk] as const))(
  'a real chain whose pool drains does as the model: %s',
  async (_, walk) => {
    await using stage = await openStage();
    expect(await follow(stage, walk)).toBe(walk.path.length);
  },
);

/** A pool starts its chains as it takes them; it takes none without steps. */
const CAUSELESS = [
  'chain.pending --chain.start[1]',
  'chain.pending --chain.cancel[0]',
  'chain.running.cancelling --step.taskRequested[0]',
];

function openStage(): Promise<DirectedStage> {
  return directedStage({ slots: 2, retries: 0, breakAfter: 0 });
}

/** Walks one path and tells how far, on a pool that is as good as new before and after it. */
async function follow(stage: DirectedStage, { form, input, path }: Walk): Promise<number> {
  const name = nameOf(path);
  const model = chainStage(input);
  const [start = START, ...events] = path;
  const real = await realChain(stage, form);
  model.send(start);
  for (const event of events) {
    await seen(() => expect([name, real.shown()]).toEqual([name, shownOf(model)]));
    expect([name, checkInvariants(stage.pool, { lateMs: Infinity })]).toEqual([name, []]);
    await real.atWork(openTasks(model));
    const isCancelling = model.actor().getSnapshot().matches({ running: 'cancelling' });

    model.send(event);
    real.cause(event, isCancelling);
  }
  await seen(() => expect([name, real.shown()]).toEqual([name, shownOf(model)]));
  await real.end(openTasks(model));
  return path.length;
}

/** What brings about each event of the model. */
async function realChain({ pool, claude, pass }: DirectedStage, form: ChainForm) {
  const id = await pool.submitChain(form);
  const realId = (taskId: string) => taskId.replace('chain-a', id);
  let isDraining = false;

  function drain(): void {
    if (isDraining) return;
    isDraining = true;
    void pool.drain({ timeoutMs: 1 });
    pass(1);
  }

  return {
    atWork: (taskIds: readonly string[]) =>
      Promise.all(taskIds.map((taskId) => claude.waits(realId(taskId)))),
    cause(event: ChainEvent, isCancelling: boolean): void {
      if (event.type === 'chain.cancel') void pool.cancelChain(id);
      if (event.type !== 'task.ended') return;
      const taskId = realId(event.taskId);
      if (isShutOut(event)) drain();
      else if (event.outcome.status === 'cancelled' && !isCancelling) void pool.cancel(taskId);
      claude.play(taskId, PLAYS[event.outcome.status]);
    },
    shown() {
      const { state, steps } = pool.chainResult(id);
      return { state, steps: steps.map(({ name, state: step, retriesUsed }) => [name, step, retriesUsed]) };
    },
    async end(taskIds: readonly string[]): Promise<void> {
      const cancelled = pool.cancelChain(id);
      for (const taskId of taskIds) claude.play(realId(taskId), 'interrupted');
      await cancelled;
      if (!isDraining) await seen(() => expect(pool.findSlots({ state: 'idle' })).toHaveLength(2));
    },
  };
}

function seen(assertion: () => void): Promise<void> {
  return vi.waitFor(assertion, { timeout: 10_000, interval: 2 });
}

function openTasks(chain: ChainWalk['chain']): readonly string[] {
  return chain
    .actor()
    .getSnapshot()
    .context.openTasks.map(({ taskId }) => taskId);
}

function shownOf(chain: ChainWalk['chain']) {
  const { value, context, children } = chain.actor().getSnapshot();
  const working = Object.values(children).flatMap((step) => step?.getSnapshot() ?? []);
  const steps = context.groups.flat().map(({ name }) => {
    const result = context.results.find((ended) => ended.name === name);
    if (result !== undefined) return [name, result.status, result.retriesUsed];
    const step = working.find((open) => open.context.step.name === name);
    return step === undefined ? [name, 'waiting', 0] : [name, step.value, step.context.retriesUsed];
  });
  if (typeof value === 'string') return { state: value, steps };
  return { state: value.running === 'working' ? 'running' : value.running, steps };
}

function inputOf(form: ChainForm): ChainInput {
  const parts = { parseOptions: () => ({}), compileSkill: () => ({ prompt: [] }) };
  return { ...chainOf([]), ...instantiateChain(parseChain(form), parts) };
}

/** What real tasks can come to. A drain ends all of them, and lets no other begin. */
function eventsFor(chain: ChainWalk['chain'], path: ChainWalk['path']): readonly ChainEvent[] {
  const snapshot = chain.actor().getSnapshot();
  if (snapshot.matches('pending')) return [START];
  const isCancelling = snapshot.matches({ running: 'cancelling' });
  const isDraining = path.some(isShutOut);
  const ends: readonly Partial<StepTaskOutcome>[] = isDraining
    ? [{}, SHUT_OUT]
    : isCancelling
      ? [{}, CANCELLED]
      : [{}, FAILED, CANCELLED, SHUT_OUT];
  return [
    ...(isDraining || isCancelling ? [] : [CANCEL]),
    ...openTasks(chain).flatMap((taskId) =>
      ends.map((end) => taskEnded(taskId, { spend: ANSWER_MICROS, ...end })),
    ),
  ];
}

function isShutOut(event: ChainEvent): boolean {
  return event.type === 'task.ended' && event.outcome.error?.code === 'POOL_CLOSED';
}
