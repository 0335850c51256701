/**
 * Breaks the machines in one place at a time and asks whether the tests in `test/machines` notice.
 * Names of machines as arguments run those only. Fails below 95 %; survivors that `docs/testing.md` explains are marked.
 */
import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { AnyStateMachine } from 'xstate';
import * as machines from '../../machines/index.ts';
import { stepMachine } from '../../machines/step.ts';
import type { MutantAnswer, MutantOrder } from './mutant-runner.ts';
import { mutantsOf } from './mutants-of.ts';

interface Verdict {
  readonly name: string;
  readonly killer?: string | undefined;
}

const LEAST_KILLED = 0.95;
const LIMIT_MS = 90_000;
const RUNNERS = 2;
/** Each mutant leaves its modules and hooks in its runner. */
const MUTANTS_PER_RUNNER = 20;
const RUNNER = fileURLToPath(new URL('mutant-runner.ts', import.meta.url));
const DOCUMENT = new URL('../../docs/testing.md', import.meta.url);

/** The suites of each machine, the likeliest to notice first. */
const SUBJECTS: readonly (readonly [machine: AnyStateMachine, suites: readonly string[]])[] = [
  [
    machines.taskMachine,
    ['task.test.ts', 'directory.test.ts', 'pool-machine.test.ts', 'pool-limits.test.ts'],
  ],
  [machines.slotMachine, ['slot.test.ts', 'slot-exits.test.ts', 'pool-machine.test.ts']],
  [stepMachine, ['step.test.ts', 'chain.test.ts']],
  [machines.chainMachine, ['chain.test.ts']],
  [
    machines.poolMachine,
    [
      'pool-machine.test.ts',
      'pool-limits.test.ts',
      'pool-cancel.test.ts',
      'pool-budget.test.ts',
      'pool.test.ts',
    ],
  ],
];

const [, , ...wanted] = process.argv;
const explained = await readFile(DOCUMENT, 'utf8').catch(() => '');
let isWeak = false;
for (const [machine, suites] of SUBJECTS) {
  if (wanted.length > 0 && !wanted.includes(machine.id)) continue;
  const verdicts = await verdictsOn(machine, suites);
  const survivors = verdicts.filter(({ killer }) => killer === undefined);
  const share = 1 - survivors.length / verdicts.length;
  isWeak ||= share < LEAST_KILLED;
  console.log(`${machine.id}: ${verdicts.length - survivors.length} of ${verdicts.length} mutants killed`);
  for (const { name } of survivors)
    console.log(`  ${explained.includes(name) ? 'explained' : 'SURVIVED '} ${name}`);
}
process.exitCode = isWeak ? 1 : 0;

/** All mutants of a machine, shared among the runners. The machine itself goes first: it has to pass. */
async function verdictsOn(machine: AnyStateMachine, suites: readonly string[]): Promise<readonly Verdict[]> {
  const mutants = mutantsOf(machine);
  const verdicts: Verdict[] = [];
  const queue = mutants.entries();

  async function work(): Promise<void> {
    let runner = await started(machine.id);
    for (const [mutant, { name }] of queue) {
      const answer = await answerOf(runner, { machine: machine.id, mutant, suites });
      const killer = answer === undefined ? 'time' : answer.killer;
      verdicts.push({ name, killer });
      if (killer === undefined)
        console.log(`  ${explained.includes(name) ? 'explained' : 'SURVIVED '} ${name}`);
      if (answer !== undefined && mutant % MUTANTS_PER_RUNNER > 0) continue;
      runner.kill();
      runner = await started(machine.id);
    }
    runner.kill();
  }

  const first = await started(machine.id);
  const intact = await answerOf(first, { machine: machine.id, mutant: -1, suites });
  first.kill('SIGKILL');
  if (intact?.killer !== undefined)
    throw new Error(`Expected the tests to pass, got ${intact.killer} failing.`);
  await Promise.all(Array.from({ length: RUNNERS }, work));
  return verdicts;
}

async function started(machine: string): Promise<ChildProcess> {
  const runner = fork(RUNNER, [machine], {
    execArgv: ['--import', 'tsx'],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  await once(runner, 'message');
  return runner;
}

/** `undefined` from a runner that took too long, or died: a mutant that hangs is noticed too. */
async function answerOf(runner: ChildProcess, order: MutantOrder): Promise<MutantAnswer | undefined> {
  const over = new AbortController();
  const ends = [AbortSignal.timeout(LIMIT_MS), over.signal];
  const end = (): void => over.abort();
  runner.once('exit', end);
  runner.send(order);
  try {
    const [answer] = await once(runner, 'message', { signal: AbortSignal.any(ends) });
    return answer;
  } catch {
    runner.kill('SIGKILL');
    return undefined;
  } finally {
    runner.off('exit', end);
  }
}
