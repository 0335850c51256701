import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { execa } from 'execa';
import { expect, onTestFinished, test } from 'vitest';
import { clearScratch, scratchFolder } from './workspaces-stage.ts';

test('a scratch folder is cleared once the process is gone that made it, as after a SIGKILL', async () => {
  const root = await mkdtemp(path.join(tmpdir(), 'scratch-'));
  onTestFinished(() => rm(root, { recursive: true, force: true }));
  const gone = execa('true');
  await gone;
  for (const name of [`workspaces-${gone.pid}-abc`, 'workspaces-abc', 'other-1-abc'])
    await mkdir(path.join(root, name));
  const own = await scratchFolder(root);

  await clearScratch(root);

  expect((await readdir(root)).toSorted()).toEqual(
    ['other-1-abc', 'workspaces-abc', path.basename(own)].toSorted(),
  );
});
