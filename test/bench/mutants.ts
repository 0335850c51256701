/**
 * Breaks the machines in one place at a time and asks whether the tests in `test/machines` notice.
 * Names of machines as arguments run those only, `--only` those mutants whose name holds that text.
 * Fails below 95 %; survivors that `docs/testing.md` explains are marked.
 * A mutant whose run dies, as by memory without end, is killed; one that runs out of time only is undecided, and lives.
 */
import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { AnyStateMachine } from 'xstate';
import * as machines from '../../machines/index.ts';
import { stepMachine } from '../../machines/step.ts';
import type { MutantAnswer, MutantOrder } from './mutant-runner.ts';
import { mutantsOf } from './mutants-of.ts';

interface Verdict {
  readonly name: string;
  readonly fate: 'killed' | 'died' | 'TIMED OUT' | 'SURVIVED';
  readonly seconds: number;
  /** The test that failed. */
  readonly killer?: string | undefined;
}

const LEAST_KILLED = 0.95;
const LIMIT_MS = 180_000;
const HEAP_MB = 1_500;
const RUNNERS = 2;
/** Each mutant leaves its modules and hooks in its runner. */
const MUTANTS_PER_RUNNER = 20;
const RUNNER = fileURLToPath(new URL('mutant-runner.ts', import.meta.url));
const DOCUMENT = new URL('../../docs/testing.md', import.meta.url);

/** The suites of each machine, the likeliest to notice first. */
const SUBJECTS: readonly (readonly [machine: AnyStateMachine, suites: readonly string[]])[] = [
  [
    machines.taskMachine,
    [
      'task.test.ts',
      'task-paths.test.ts',
      'pool-machine.test.ts',
      'pool-slots.test.ts',
      'directory.test.ts',
      'pool-limits.test.ts',
      'pool-cancel.test.ts',
      'pool-budget.test.ts',
    ],
  ],
  [machines.slotMachine, ['slot.test.ts', 'slot-exits.test.ts', 'pool-slots.test.ts', 'slot-paths.test.ts']],
  [stepMachine, ['step.test.ts', 'chain.test.ts']],
  [machines.chainMachine, ['chain.test.ts', 'chain-paths.test.ts']],
  [
    machines.poolMachine,
    [
      'pool-machine.test.ts',
      'pool-drain.test.ts',
      'pool-slots.test.ts',
      'pool.test.ts',
      'pool-dispatch.test.ts',
      'pool-limits.test.ts',
      'pool-paths.test.ts',
      'pool-budget.test.ts',
      'pool-cancel.test.ts',
    ],
  ],
];

const { positionals: wanted, values } = parseArgs({
  allowPositionals: true,
  options: { only: { type: 'string', default: '' } },
});
const explained = await readFile(DOCUMENT, 'utf8').catch(() => '');
let isWeak = false;
for (const [machine, suites] of SUBJECTS) {
  if (wanted.length > 0 && !wanted.includes(machine.id)) continue;
  const verdicts = await verdictsOn(machine, suites);
  const survivors = verdicts.filter(isAlive);
  const died = verdicts.filter(({ fate }) => fate === 'died').length;
  const killed = verdicts.length - survivors.length;
  isWeak ||= killed / verdicts.length < LEAST_KILLED;
  console.log(`${machine.id}: ${killed} of ${verdicts.length} mutants killed (${died} of them died)`);
  for (const verdict of survivors) console.log(lineOf(verdict));
}
process.exitCode = isWeak ? 1 : 0;

function isAlive({ fate }: Verdict): boolean {
  return fate === 'SURVIVED' || fate === 'TIMED OUT';
}

function lineOf({ name, fate, seconds, killer }: Verdict): string {
  const seen = fate !== 'killed' && explained.includes(name) ? 'explained' : fate;
  return `  ${seen.padEnd(9)} ${seconds.toFixed(1).padStart(5)} s  ${name}${killer ? ` (${killer})` : ''}`;
}

/** All mutants of a machine, shared among the runners. The machine itself goes first: it has to pass. */
async function verdictsOn(machine: AnyStateMachine, suites: readonly string[]): Promise<readonly Verdict[]> {
  const mutants = mutantsOf(machine);
  const verdicts: Verdict[] = [];
  const queue = mutants.entries();

  async function work(): Promise<void> {
    let runner = await started(machine.id);
    for (const [mutant, { name }] of queue) {
      if (!name.includes(values.only)) continue;
      const start = performance.now();
      const answer = await answerOf(runner, { machine: machine.id, mutant, suites });
      const seconds = (performance.now() - start) / 1_000;
      const killer = typeof answer === 'string' ? undefined : answer.killer;
      const verdict: Verdict = { name, fate: fateOf(answer), seconds, killer };
      verdicts.push(verdict);
      console.log(lineOf(verdict));
      if (typeof answer === 'object' && mutant % MUTANTS_PER_RUNNER > 0) continue;
      runner.kill();
      runner = await started(machine.id);
    }
    runner.kill();
  }

  const first = await started(machine.id);
  const intact = await answerOf(first, { machine: machine.id, mutant: -1, suites });
  first.kill('SIGKILL');
  if (fateOf(intact) !== 'SURVIVED')
    throw new Error(`Expected the tests of the ${machine.id} to pass, got ${JSON.stringify(intact)}.`);
  await Promise.all(Array.from({ length: RUNNERS }, work));
  return verdicts;
}

function fateOf(answer: MutantAnswer | 'died' | 'TIMED OUT'): Verdict['fate'] {
  if (typeof answer === 'string') return answer;
  return answer.killer === undefined ? 'SURVIVED' : 'killed';
}

async function started(machine: string): Promise<ChildProcess> {
  const runner = fork(RUNNER, [machine], {
    execArgv: ['--import', 'tsx', `--max-old-space-size=${HEAP_MB}`],
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  await once(runner, 'message');
  return runner;
}

/** What a runner says of a mutant, or what became of the runner. */
async function answerOf(
  runner: ChildProcess,
  order: MutantOrder,
): Promise<MutantAnswer | 'died' | 'TIMED OUT'> {
  const over = new AbortController();
  const limit = AbortSignal.timeout(LIMIT_MS);
  const end = (): void => over.abort();
  runner.once('exit', end);
  runner.send(order);
  try {
    const [answer] = await once(runner, 'message', { signal: AbortSignal.any([limit, over.signal]) });
    return answer;
  } catch {
    runner.kill('SIGKILL');
    return limit.aborted ? 'TIMED OUT' : 'died';
  } finally {
    runner.off('exit', end);
  }
}
