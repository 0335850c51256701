/** Works on the workspaces of a repository until it is killed; says what each file on the disk must still be found as. */
import { appendFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { execa } from 'execa';
import { gitWorkspaces } from '../../src/workspaces/git-workspaces.ts';

const [repository = '', folder = '', journal = '', into = ''] = process.argv.slice(2);
const workspaces = gitWorkspaces({ repository, folder });
const { signal } = new AbortController();
/** Files that each task changes: what git writes in a merge takes its time. */
const OTHERS = Array.from({ length: 40 }, (_, file) => `other-${file}`);
const LINES = 200;

for (let round = 1; ; round += 1) {
  const task = `task-${process.pid}-${round}`;
  console.log('create');
  const workspace = await workspaces.acquire({ id: 'slot-0', task, base: into, signal });
  write(workspace.path, `${task}-untracked`);
  write(workspace.path, `${task}-committed`);
  for (const [at, name] of OTHERS.entries()) {
    writeFileSync(path.join(workspace.path, name), `${task}\n`.repeat(at * LINES));
  }
  await execa('git', ['add', `${task}-committed`, ...OTHERS], { cwd: workspace.path });
  await execa('git', ['commit', '--quiet', '--message', task], { cwd: workspace.path });
  write(workspace.path, `${task}-staged`);
  await execa('git', ['add', `${task}-staged`], { cwd: workspace.path });
  console.log('preserve');
  const next = await workspaces.preserve(workspace, { task, attempt: 1, signal });
  console.log('merge');
  if (next !== undefined) await workspaces.integrate({ from: next, into, mode: 'merge', signal });
  write(workspace.path, `${task}-late`);
  console.log('reset');
  const fresh = await workspaces.reset(workspace, { task: `${task}-b`, signal });
  write(fresh.path, `${task}-removed`);
  console.log('remove');
  if ((process.pid + round) % 2 === 0) await workspaces.remove(fresh, { signal });
  else await workspaces.release(fresh, { signal });
}

function write(cwd: string, line: string): void {
  writeFileSync(path.join(cwd, line), `${line}\n`);
  appendFileSync(journal, `${line}\n`);
}
