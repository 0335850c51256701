import type { Settled } from '../desk/desk.ts';
import { runningDesk } from '../desk/open-desk.ts';
import type { OpenDesk } from '../desk/open-desk.ts';
import { printData } from '../envelope.ts';
import { EXIT_CODES } from '../exit-codes.ts';
import { printFailure } from '../failure.ts';
import type { Progress } from '../live/progress.ts';
import { stopSignals } from '../stop-signals.ts';
import type { Stop } from '../stop-signals.ts';
import { exitCodeOfEnds } from './exit-code-of-ends.ts';
import { leaveOrCancel } from './leave-or-cancel.ts';
import { settleAll } from './settle-all.ts';
import type { WorkFlags } from './work-flags.ts';

type Flags = Pick<WorkFlags, 'stateDir' | 'detach' | 'json'>;

/** What a command gives a pool to do. */
export interface Work {
  readonly open: (signal: AbortSignal) => Promise<OpenDesk>;
  /** Submits it and resolves with the ids of its tasks or chains. */
  readonly submit: (
    open: Pick<OpenDesk, 'desk' | 'isShared'>,
    signal: AbortSignal,
  ) => Promise<readonly string[]>;
  /** Shows how it goes. */
  readonly show: (open: OpenDesk, stop: Stop) => Promise<Progress>;
  readonly print: (ends: readonly Settled[], signal: AbortSignal) => void;
  /** How long to wait for it, in milliseconds. @default no limit */
  readonly timeoutMs?: number | undefined;
}

/** Reads what is to be done, gives it to a pool and waits. Resolves with the exit code when nothing is left here. */
export async function doWork(flags: Flags, read: (signal: AbortSignal) => Promise<Work>): Promise<number> {
  using stop = stopSignals();
  const { signal } = stop;
  try {
    const { open: openIt, submit, show, print, timeoutMs } = await read(signal);
    if (flags.detach === true) {
      const { desk } = await runningDesk(flags, signal);
      printIds(await submit({ desk, isShared: true }, signal), flags);
      return EXIT_CODES.succeeded;
    }
    await using open = await openIt(signal);
    const showing = await show(open, stop);
    if (timeoutMs !== undefined) stop.within(timeoutMs);
    const { ids, ends } = await endsOf({ open, stop, showing, submit: () => submit(open, signal) });
    if (stop.exitCode === EXIT_CODES.brokenPipe) return stop.exitCode;
    if (ends !== undefined) print(ends, signal);
    else if (flags.json === true) printData({ ids, isDetached: true });
    return stop.exitCode ?? exitCodeOfEnds(ends ?? []);
  } catch (error) {
    return printFailure(error, { stop, ...flags });
  }
}

interface Start {
  readonly open: OpenDesk;
  readonly stop: Stop;
  readonly showing: Progress;
  readonly submit: () => Promise<readonly string[]>;
}

interface Course {
  readonly ids: readonly string[];
  /** Absent for work that goes on without the command. */
  readonly ends: readonly Settled[] | undefined;
}

async function endsOf({ open, stop, showing, submit }: Start): Promise<Course> {
  let ids: readonly string[] = [];
  const isLeft = (): boolean => open.isShared && stop.signal.aborted;
  try {
    ids = await submit();
    showing.watch(ids);
    return { ids, ends: await settleAll(ids, open, stop.signal) };
  } catch (error) {
    if (!isLeft() || ids.length === 0) throw error;
  } finally {
    await showing.end(isLeft() ? [] : ids);
  }
  return { ids, ends: await leaveOrCancel(ids, open.desk, stop) };
}

function printIds(ids: readonly string[], { json }: Flags): void {
  if (json === true) printData({ ids });
  else process.stdout.write(`${ids.join('\n')}\n`);
}
