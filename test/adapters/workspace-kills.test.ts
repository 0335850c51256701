import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { killWorkers } from '../bench/worktree-kill.ts';
import type { KillPoint, KillRun } from '../bench/worktree-kill.ts';
import { stage } from '../contracts/workspaces-stage.ts';

/** Milliseconds: each of these runs hundreds of processes. */
const PATIENCE = 120_000;
const signal = new AbortController().signal;

test.each<readonly [KillRun['into'], boolean, readonly KillPoint['phase'][]]>([
  ['target', false, ['create', 'reset', 'remove']],
  ['main', true, ['preserve', 'merge', 'move']],
])(
  'workers that merge into %s and are killed lose no line, and leave the user what is his (git killed too: %s)',
  async (into, withGit, phases) => {
    const points = phases.map((phase, at) => ({ phase, ms: at * 15 }));

    const outcome = await killWorkers({ points, withGit, into });

    expect(outcome).toMatchObject({ lost: [], touched: [], damage: '' });
    expect(outcome.lines).toBeGreaterThan(0);
  },
  PATIENCE,
);

test(
  'sixteen workspaces at once in one repository are all made, and removed without a trace',
  async () => {
    await using scene = await stage();
    const ids = Array.from({ length: 16 }, (_, slot) => `slot-${slot}`);

    const workspaces = await Promise.all(ids.map((id) => scene.again().acquire({ id, task: id, signal })));
    const texts = await Promise.all(
      workspaces.map((workspace) => readFile(path.join(workspace.path, 'a.txt'), 'utf8')),
    );
    await Promise.all(workspaces.map((workspace) => scene.workspaces.remove(workspace, { signal })));

    expect(texts).toEqual(ids.map(() => 'a\n'));
    expect(await scene.git('for-each-ref', '--format=%(refname)')).toBe('refs/heads/main');
    expect(await scene.git('worktree', 'list', '--porcelain')).not.toContain('slot-');
  },
  PATIENCE,
);
