import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { commitAll, gitIn, makeRepository, scratchFolder, writeIn } from '../contracts/workspaces-stage.ts';
import { houseIn } from '../pool/house.ts';
import { startLife } from '../pool/life.ts';
import { isCutOff, killMovingGit, movingGit, stateBesideMerges } from './worktree-kill.ts';

export interface ApproveRun {
  readonly kills: number;
  /** Milliseconds after the branch begins to move; one in three is killed before, so long after the call. */
  readonly killAfterMs: () => number;
  readonly withGit: boolean;
}

export interface ApproveOutcome {
  /** Tasks whose work is not in the branch once it was approved again, or more than once. */
  readonly wrong: readonly string[];
  /** What was not as it was when the next pool had started: the user's checkout and its locks. */
  readonly touched: readonly string[];
  /** Merges that were cut off, and put in order by the next pool. */
  readonly mended: number;
}

const WRITE = 'for at in $(seq 40); do seq $((at * 100)) > big-$at; echo $$ >> big-$at; done; git add .';

/** Kills pools that merge approved work into what the user has checked out; the next pool approves it again. */
export async function killApprovals({ kills, killAfterMs, withGit }: ApproveRun): Promise<ApproveOutcome> {
  const home = await scratchFolder();
  const repository = path.join(home, 'repository');
  await makeRepository(repository);
  await writeIn(repository, '.gitignore', 'ignored.txt\n');
  await commitAll(repository, 'ignore');
  await writeIn(repository, 'untracked.txt', 'untracked\n');
  await writeIn(repository, 'ignored.txt', 'ignored\n');
  const rules = Array.from({ length: kills }, (_, kill) => ({
    when: `task ${kill}.`,
    answers: [
      { toolUse: { name: 'Bash', input: { command: `${WRITE}; echo ${kill} > task-${kill}.txt` } } },
      { text: 'done' },
    ],
  }));
  const { options } = houseIn(
    home,
    { rules },
    {
      repository,
      worktreeDir: path.join(home, 'worktrees'),
      permissionMode: 'bypassPermissions',
      workspace: 'task',
      slots: 1,
    },
  );
  const before = await stateBesideMerges(repository);
  const wrong: string[] = [];
  const touched: string[] = [];
  let mended = 0;
  for (let kill = 0; kill < kills; kill += 1) {
    const life = await startLife(options);
    const id = String(await life.call('submitWithReview', `task ${kill}.`));
    await life.event((event) => event.type === 'task.pendingReview' && event.taskId === id);
    await life.call('history');
    const begun = kill % 3 === 0 ? Promise.resolve() : movingGit(repository);
    void life.call('approveResult', id, { merge: 'squash' });
    await begun;
    await delay(killAfterMs());
    await life.kill();
    if (withGit) await killMovingGit(repository);
    mended += (await isCutOff(repository)) ? 1 : 0;

    const next = await startLife(options);
    const now = await stateBesideMerges(repository);
    if (now !== before) touched.push(now);
    await next.call('approveResult', id, { merge: 'squash' }).catch((error: unknown) => {
      // It was approved before the kill.
      if (!String(error).includes('waits for review')) throw error;
    });
    const commits = await gitIn(repository, 'log', '--format=%h', 'main', '--', `task-${kill}.txt`);
    const text = await readFile(path.join(repository, `task-${kill}.txt`), 'utf8').catch(() => '');
    if (commits.split('\n').length !== 1 || text !== `${kill}\n`) wrong.push(`task ${kill}: ${commits}`);
    await next.kill();
  }
  await rm(home, { recursive: true, force: true, maxRetries: 5 });
  return { wrong, touched, mended };
}
