/** Runs the tests of a machine against its mutants, one after the other, as it is told to by its parent. */
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { createVitest } from 'vitest/node';
import type { Vitest } from 'vitest/node';

/** What a runner is told. */
export interface MutantOrder {
  readonly machine: string;
  readonly mutant: number;
  /** Test files, the likeliest to notice first. */
  readonly suites: readonly string[];
}

/** What a runner answers: the first test that failed. */
export interface MutantAnswer {
  readonly killer?: string;
}

type Plugin = NonNullable<NonNullable<Parameters<typeof createVitest>[2]>['plugins']>[number];

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const MUTANT_MACHINE = fileURLToPath(new URL('mutant-machine.ts', import.meta.url));

const [, , machine = ''] = process.argv;
const vitest = await open();
process.on('message', async (order: MutantOrder) => {
  process.send?.({ killer: await killerOf(order) } satisfies { killer: string | undefined });
});
process.send?.({});

async function killerOf({ mutant, suites }: MutantOrder): Promise<string | undefined> {
  vitest.provide('mutant', mutant);
  for (const suite of suites) {
    const specifications = await vitest.globTestSpecifications([suite]);
    const { testModules, unhandledErrors } = await vitest.runTestSpecifications(specifications);
    const [failed] = testModules.flatMap((module) => [...module.children.allTests('failed')]);
    if (failed !== undefined) return `${suite}: ${failed.name}`;
    if (unhandledErrors.length > 0 || testModules.some((module) => !module.ok())) return suite;
  }
  return undefined;
}

function open(): Promise<Vitest> {
  return createVitest(
    'test',
    {
      root: ROOT,
      dir: path.join(ROOT, 'test/machines'),
      config: false,
      watch: false,
      bail: 1,
      testTimeout: 60_000,
      pool: 'threads',
      maxWorkers: 1,
      reporters: [{}],
    },
    { plugins: [mutatePlugin()] },
  );
}

/** Puts the mutant in the place of the machine for all who import it. */
function mutatePlugin(): Plugin {
  const file = path.join(ROOT, 'machines', `${machine}.ts`);
  return {
    name: 'mutate',
    enforce: 'pre',
    transform(code, id) {
      if (id !== file) return undefined;
      return [
        `import { mutantMachine } from ${JSON.stringify(MUTANT_MACHINE)};`,
        code.replace(`export const ${machine}Machine = setup(`, 'const originalMachine = setup('),
        `export const ${machine}Machine = mutantMachine(originalMachine);`,
      ].join('\n');
    },
  };
}
