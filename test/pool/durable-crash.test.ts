import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { crashRun } from './crash-run.ts';

/** Milliseconds: each kill is a process, and each process starts four more. */
const PATIENCE = 120_000;

test(
  'a pool that is killed under load loses no task, no result and no dollar, and leaves no process',
  async () => {
    const home = await realpath(await mkdtemp(path.join(tmpdir(), 'pool-crash-')));
    onTestFinished(() => rm(home, { recursive: true, force: true, maxRetries: 5 }));

    const { faults, cutOff, tasks } = await crashRun({ home, kills: 5, longestMs: 1_500 });

    expect(faults).toEqual([]);
    expect(tasks).toBeGreaterThan(0);
    expect(cutOff).toBeGreaterThan(0);
  },
  PATIENCE,
);
