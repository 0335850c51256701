import { expect, test } from 'vitest';
import { faultsAfter, killAfter, startWorker } from './store-crash.ts';
import { scratchDir } from './store-stage.ts';

/** Milliseconds: each round starts a process. */
const PATIENCE = 120_000;
const ROUNDS = 20;

test(
  'processes killed while they commit lose no acknowledged batch and leave none half',
  async () => {
    const stateDir = await scratchDir();
    const faults: (readonly string[])[] = [];
    const acknowledged: number[] = [];

    for (let round = 0; round < ROUNDS; round += 1) {
      const worker = await startWorker(stateDir);
      const last = await killAfter(worker, 1 + Math.floor(Math.random() * 60));
      acknowledged.push(last);
      faults.push(await faultsAfter(stateDir, last));
    }

    expect(faults).toEqual(acknowledged.map(() => []));
    expect(acknowledged).toEqual(acknowledged.toSorted((one, other) => one - other));
  },
  PATIENCE,
);
