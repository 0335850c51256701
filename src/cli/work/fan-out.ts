import { openDesk } from '../desk/open-desk.ts';
import { poolOptionsOf } from '../pool-options-of.ts';
import { doWork } from './do-work.ts';
import { manyTasks } from './many-tasks.ts';
import { readInput } from './read-input.ts';
import { requestsIn } from './requests-in.ts';
import { taskOptionsOf } from './task-options-of.ts';
import type { WorkFlags } from './work-flags.ts';

const MOST_SLOTS = 4;
const LEAST_KEPT = 10_000;

/** `claude-pool fan-out`. Resolves with the exit code. */
export function fanOut(file: string, flags: WorkFlags): Promise<number> {
  return doWork(flags, async (signal) => {
    const requests = requestsIn(await readInput(file, signal));
    const count = requests.length;
    const own = {
      slots: Math.min(MOST_SLOTS, count),
      ...poolOptionsOf(flags),
      keepFinished: Math.max(LEAST_KEPT, count),
    };
    return {
      open: () => openDesk(flags, own, signal),
      ...manyTasks(flags),
      submit({ desk, isShared }) {
        const options = isShared ? taskOptionsOf(flags) : {};
        return desk.submit({ requests: requests.map((request) => ({ ...options, ...request })), signal });
      },
    };
  });
}
