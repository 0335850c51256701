import { setTimeout } from 'node:timers/promises';
import { createPool } from '../../index.ts';
import type { Pool, PoolOptions } from '../../index.ts';
import type { InspectorServer } from '../../inspector/inspector-server.ts';
import type { DemoFlags } from '../demo-command.ts';
import { printData, printError } from '../envelope.ts';
import { EXIT_CODES, exitCodeOf } from '../exit-codes.ts';
import { inspection } from '../inspection.ts';
import { poolDesk } from '../desk/pool-desk.ts';
import { noProgress, progress } from '../live/progress.ts';
import type { Progress } from '../live/progress.ts';
import { failureOf, failureText } from '../failure.ts';
import { stopSignals } from '../stop-signals.ts';
import type { Stop } from '../stop-signals.ts';
import { setStage } from './stage.ts';
import type { Stage } from './stage.ts';
import { summaryOf } from './summary.ts';
import type { Summary } from './summary.ts';
import { summaryTable } from './summary-table.ts';
import { tourTasks } from './tour.ts';

/** Runs the demo. Resolves with the exit code when no process and no file is left. */
export async function demo(flags: DemoFlags): Promise<number> {
  using stop = stopSignals();
  try {
    return await onStage(flags, stop);
  } catch (error) {
    if (stop.exitCode === EXIT_CODES.brokenPipe) return stop.exitCode;
    const failure = failureOf(error, stop.signal);
    if (flags.json === true) printError(failure);
    else process.stderr.write(failureText(failure, 0));
    return stop.exitCode ?? exitCodeOf(failure.code);
  }
}

async function onStage(flags: DemoFlags, { signal }: Stop): Promise<number> {
  await using stage = await setStage({ isFake: flags.fake === true });
  // Registered that late, it runs after the driver's own listener has killed who writes there.
  signal.addEventListener('abort', () => process.once('exit', () => stage.removeFiles()));
  if (flags.json !== true) greet(stage, flags);
  const summary = await fanOut(stage, flags, signal);
  signal.throwIfAborted();
  if (flags.json === true) printData(summary, { simulated: true, billedUsd: 0, realCli: stage.isReal });
  else process.stdout.write(`\n${summaryTable(summary)}\n\n${CLOSING}\n`);
  const { tasks, completed } = summary.totals;
  return completed === tasks ? EXIT_CODES.succeeded : EXIT_CODES.failed;
}

async function fanOut({ claude }: Stage, flags: DemoFlags, signal: AbortSignal): Promise<Summary> {
  await using inspecting = await inspection(flags.inspect);
  const options = { ...POOL, ...inspecting.options, slots: slotsOf(flags), claude };
  await using pool = await createPool({ ...options, signal });
  const page = await inspecting.serve(pool);
  if (page !== undefined) await anybody(page, signal);
  const showing = await progressOf(pool, flags);
  showing.watch();
  const startedAt = Date.now();
  const ends = pool.fanOut(tourTasks(flags.tasks), { signal });
  const ids = ends.then((outcomes) => outcomes.map(({ taskId }) => taskId));
  await showing.end(await ids.catch(() => []));
  const outcomes = await ends;
  return summaryOf(pool, outcomes, (Date.now() - startedAt) / 1000);
}

/** The tour would be over before the page is open. */
async function anybody({ viewed }: InspectorServer, signal: AbortSignal): Promise<void> {
  await Promise.race([viewed, setTimeout(PATIENCE_MS, undefined, { signal, ref: false })]);
}

async function progressOf(pool: Pool, { json = false }: DemoFlags): Promise<Progress> {
  return json ? noProgress : progress({ desk: poolDesk(pool), stream: process.stdout });
}

function slotsOf({ configured }: DemoFlags): number {
  const { slots = SLOTS } = configured.config;
  return typeof slots === 'number' ? slots : slots.length;
}

function greet({ cast }: Stage, flags: DemoFlags): void {
  process.stdout.write(`${flags.tasks} tasks on ${slotsOf(flags)} slots of ${cast}.\n${SIMULATED}\n\n`);
}

/** What a fan-out of tasks that only look needs: no prompt remembers another, and nothing but looking is allowed. */
const POOL: PoolOptions = {
  model: 'claude-sonnet-5',
  session: 'fresh',
  tools: ['Bash'],
  permissionMode: 'dontAsk',
  allowedTools: ['Bash(ls:*)', 'Bash(wc:*)'],
};

const SLOTS = 4;
const PATIENCE_MS = 60_000;

const SIMULATED = "The model's answers are simulated on this machine: no account is used, nothing is billed.";
const CLOSING = `${SIMULATED}
Tokens and costs are what the CLI reckons for the simulated answers. Next: claude-pool run --help`;
