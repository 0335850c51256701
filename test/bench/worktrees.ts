/**
 * Worktrees: a reset against a new one, 16 starts at once against those of git alone, and workers that are killed.
 * `--files=5000,50000` are the sizes, `--starts=200`, `--kills=100`, `--approvals=30` the kills of a pool that approves;
 * 0 leaves one out.
 */
import { parseArgs } from 'node:util';
import { clearScratch } from '../contracts/workspaces-stage.ts';
import { killApprovals } from './worktree-approve.ts';
import { PHASES, killWorkers } from './worktree-kill.ts';
import { measureReuse } from './worktree-reuse.ts';
import { startSlots } from './worktree-starts.ts';

const ROUNDS = 5;
const ROUNDS_OF_MANY = 3;
const MANY = 20_000;
const LATEST_KILL_MS = 300;
const LATEST_APPROVAL_MS = 40;

const { values } = parseArgs({
  options: {
    files: { type: 'string', default: '5000,50000' },
    starts: { type: 'string', default: '200' },
    kills: { type: 'string', default: '100' },
    approvals: { type: 'string', default: '30' },
  },
});

await clearScratch();
const sizes = values.files.split(',').map(Number);
for (const files of sizes.filter((size) => size > 0)) {
  const reuse = await measureReuse(files, files > MANY ? ROUNDS_OF_MANY : ROUNDS);
  console.table([{ ...reuse, ratio: Number((reuse.removeAndAcquire / reuse.reset).toFixed(1)) }]);
}
const starts = Number(values.starts);
if (starts > 0) console.log(await startSlots(starts));
const kills = Number(values.kills);
if (kills > 0) {
  for (const into of ['target', 'main'] as const) {
    for (const withGit of [true, false]) {
      const points = Array.from({ length: kills / 4 }, (_, kill) => ({
        phase: PHASES[kill % PHASES.length] ?? 'create',
        ms: Math.random() ** 2 * LATEST_KILL_MS,
      }));
      console.log({ kills: kills / 4, into, withGit, ...(await killWorkers({ points, withGit, into })) });
    }
  }
}
const approvals = Number(values.approvals);
if (approvals > 0) {
  for (const withGit of [true, false]) {
    const killAfterMs = (): number => Math.random() * LATEST_APPROVAL_MS;
    const outcome = await killApprovals({ kills: approvals / 2, killAfterMs, withGit });
    console.log({ approvals: approvals / 2, withGit, ...outcome });
  }
}
