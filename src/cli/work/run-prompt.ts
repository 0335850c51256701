import { PoolError } from '../../index.ts';
import { openDesk } from '../desk/open-desk.ts';
import { singlePoolOptionsOf } from '../pool-options-of.ts';
import { doWork } from './do-work.ts';
import { readStdin } from './read-stdin.ts';
import type { RunFlags } from './run-command.ts';
import { singleTask } from './single-task.ts';
import { taskOptionsOf } from './task-options-of.ts';

/** `claude-pool run`. Resolves with the exit code. */
export function runPrompt(given: string, flags: RunFlags): Promise<number> {
  const isReviewed = flags.review === true;
  return doWork(flags, async (signal) => {
    const prompt = given === '-' ? await promptFromStdin(signal) : given;
    return {
      open: () => openDesk(flags, singlePoolOptionsOf(flags), signal),
      ...singleTask({ ...flags, isStreamed: !isReviewed }),
      submit({ desk, isShared }) {
        if (isReviewed && !isShared) throw nobodyLeft();
        const options = isShared ? taskOptionsOf(flags) : {};
        return desk.submit({ requests: [{ ...options, prompt }], isReviewed, signal });
      },
    };
  });
}

async function promptFromStdin(signal: AbortSignal): Promise<string> {
  const text = await readStdin(signal);
  if (text.trim() !== '') return text;
  throw new PoolError('INVALID_OPTIONS', 'Expected a prompt on stdin, got nothing.');
}

function nobodyLeft(): PoolError {
  const message =
    'Expected a pool that goes on to keep the result for review. Start one with `claude-pool serve`.';
  return new PoolError('POOL_UNREACHABLE', message);
}
