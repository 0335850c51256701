import { setTimeout as delay } from 'node:timers/promises';
import type { ProcessIdentity } from './process-tree.ts';

const ROUNDS = 40;
const ROUND_MS = 25;

/** Kills what is found until nothing is, for about a second at most: processes take a moment to die. */
export async function killUntilGone(find: () => Promise<readonly ProcessIdentity[]>): Promise<void> {
  for (let round = 0; round < ROUNDS; round += 1) {
    const alive = await find();
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
