import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { killWorkers } from '../bench/worktree-kill.ts';
import { stage } from '../contracts/workspaces-stage.ts';

/** Milliseconds: each of these runs hundreds of processes. */
const PATIENCE = 120_000;
const signal = new AbortController().signal;

test.each([true, false])(
  'workers killed at any point lose no line and touch nothing of the user (git killed too: %s)',
  async (withGit) => {
    const points = [3, 60, 150, 280, 420, 600];
    const pending = [...points];

    const outcome = await killWorkers({
      kills: points.length,
      killAfterMs: () => pending.shift() ?? 0,
      withGit,
    });

    expect(outcome).toEqual({ lines: expect.any(Number), lost: [], untouched: true, damage: '' });
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
