/** Runs the tests of a machine against its mutants, one after the other, as it is told to by its parent. */
import { register as registerHooks } from 'node:module';
import { setImmediate } from 'node:timers/promises';
import { register } from 'tsx/esm/api';
import type { AnyStateMachine } from 'xstate';
import { mutantsOf } from './mutants-of.ts';

/** What a runner is told. */
export interface MutantOrder {
  readonly machine: string;
  /** -1 for the machine itself. */
  readonly mutant: number;
  /** Test files, the likeliest to notice first. */
  readonly suites: readonly string[];
}

/** What a runner answers: the first test that failed. */
export interface MutantAnswer {
  readonly killer?: string;
}

const VITEST = new URL('mutant-vitest.ts', import.meta.url).href;
const HOOKS = `export const resolve = (name, context, next) =>
  next(name === 'vitest' ? ${JSON.stringify(VITEST)} : name, context);`;

const surprises: unknown[] = [];
process.on('uncaughtException', (error) => surprises.push(error));
process.on('unhandledRejection', (error) => surprises.push(error));
process.on('message', async (order: MutantOrder) => {
  process.send?.({ killer: await killerOf(order) } satisfies { killer: string | undefined });
});
process.send?.({});

/** Each mutant has modules of its own, so that what they do when they are loaded meets it too. */
async function killerOf({ machine, mutant, suites }: MutantOrder): Promise<string | undefined> {
  const { import: load } = register({ namespace: `${machine}-${mutant}` });
  registerHooks(`data:text/javascript,${encodeURIComponent(HOOKS)}`);
  const { [`${machine}Machine`]: subject } = await load(`../../machines/${machine}.ts`, import.meta.url);
  become(subject, mutant);
  for (const suite of suites) {
    const killer = await failureIn(() => load(`../machines/${suite}`, import.meta.url));
    if (killer !== undefined) return `${suite}: ${killer}`;
  }
  return undefined;
}

/** The mutant takes the place of the machine for all who hold it. */
function become(machine: AnyStateMachine, mutant: number): void {
  const config = mutantsOf(machine)[mutant]?.config;
  if (config === undefined) return;
  const StateMachine = machine.constructor as new (
    config: object,
    implementations: unknown,
  ) => AnyStateMachine;
  Object.assign(machine, new StateMachine(config, machine.implementations));
}

/** The first test that fails. */
async function failureIn(load: () => Promise<unknown>): Promise<string | undefined> {
  globalThis.mutantTests = [];
  surprises.length = 0;
  let title = 'loading';
  try {
    await load();
    for (const test of globalThis.mutantTests) {
      title = test.title;
      await test.run();
      await setImmediate();
      if (surprises.length > 0) return title;
    }
  } catch {
    return title;
  }
  return undefined;
}
