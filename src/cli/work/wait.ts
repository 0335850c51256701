import { answering } from '../answering.ts';
import { runningDesk } from '../desk/open-desk.ts';
import { doWork } from './do-work.ts';
import { exitCodeOfEnds } from './exit-code-of-ends.ts';
import { keptEnds } from './kept-ends.ts';
import { manyTasks } from './many-tasks.ts';
import { printEnds } from './print-ends.ts';
import type { WaitFlags } from './wait-command.ts';

/** `claude-pool wait`. Resolves with the exit code. */
export async function waitForWork(given: readonly string[], flags: WaitFlags): Promise<number> {
  const ids = [...new Set(given)];
  const isOver = await answering(flags, async (signal) => {
    const ends = await keptEnds(ids, flags, signal);
    if (ends === undefined) return GOES_ON;
    printEnds(ends, flags);
    return exitCodeOfEnds(ends);
  });
  if (isOver !== GOES_ON) return isOver;
  return doWork(flags, async () => ({
    open: (signal) => runningDesk(flags, signal),
    ...manyTasks(flags),
    async submit() {
      if (flags.json !== true) process.stderr.write(`Waiting for ${ids.join(' ')}\n`);
      return ids;
    },
    timeoutMs: flags.timeout,
  }));
}

const GOES_ON = -1;
