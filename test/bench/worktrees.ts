/**
 * Worktrees: a reset against a new one, 16 starts at once against those of git alone, and workers that are killed.
 * `--files=5000,50000` are the sizes, `--starts=200`, `--kills=100`; 0 leaves one out.
 */
import { parseArgs } from 'node:util';
import { killWorkers } from './worktree-kill.ts';
import { measureReuse } from './worktree-reuse.ts';
import { startSlots } from './worktree-starts.ts';

const ROUNDS = 5;
const ROUNDS_OF_MANY = 3;
const MANY = 20_000;
const LATEST_KILL_MS = 1500;

const { values } = parseArgs({
  options: {
    files: { type: 'string', default: '5000,50000' },
    starts: { type: 'string', default: '200' },
    kills: { type: 'string', default: '100' },
  },
});

const sizes = values.files.split(',').map(Number);
for (const files of sizes.filter((size) => size > 0)) {
  const reuse = await measureReuse(files, files > MANY ? ROUNDS_OF_MANY : ROUNDS);
  console.table([{ ...reuse, ratio: Number((reuse.removeAndAcquire / reuse.reset).toFixed(1)) }]);
}
const starts = Number(values.starts);
if (starts > 0) console.log(await startSlots(starts));
const kills = Number(values.kills);
if (kills > 0) {
  const killAfterMs = (): number => Math.random() * LATEST_KILL_MS;
  for (const withGit of [true, false]) {
    console.log({
      kills: kills / 2,
      withGit,
      ...(await killWorkers({ kills: kills / 2, killAfterMs, withGit })),
    });
  }
}
