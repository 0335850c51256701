import { setTimeout as delay } from 'node:timers/promises';
import { markedProcesses, survivors } from './process-tree.ts';
import type { ProcessIdentity } from './process-tree.ts';

const ROUNDS = 40;
const ROUND_MS = 25;

export interface Remains {
  readonly mark: string;
  /** Descendants that were found while their parents lived. */
  readonly known: readonly ProcessIdentity[];
}

/** Kills what a session left behind, and resolves when all of it is gone: processes take a moment to die. */
export async function sweep({ mark, known }: Remains): Promise<void> {
  for (let round = 0; round < ROUNDS; round += 1) {
    const alive = [...(await survivors(known)), ...(await markedProcesses(mark))];
    if (alive.length === 0) return;
    for (const { pid } of alive) kill(pid);
    await delay(ROUND_MS);
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It is gone already.
  }
}
