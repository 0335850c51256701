/** Acquires a worktree, dirties the files that it is told of and resets it, unless it is killed before. */
import { appendFile } from 'node:fs/promises';
import path from 'node:path';
import { gitWorkspaces } from '../../src/workspaces/git-workspaces.ts';

const [repository = '', folder = '', ...files] = process.argv.slice(2);
const { signal } = new AbortController();
const workspaces = gitWorkspaces({ repository, folder });
const workspace = await workspaces.acquire({ id: 'slot-0', task: 'one', signal });
for (const file of files) await appendFile(path.join(workspace.path, file), 'of task one\n');
await workspaces.reset(workspace, { task: 'two', signal });
