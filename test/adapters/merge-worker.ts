/** Merges a branch into `main`, unless it is killed before. */
import { gitWorkspaces } from '../../src/workspaces/git-workspaces.ts';

const [repository = '', folder = '', from = ''] = process.argv.slice(2);
const { signal } = new AbortController();
await gitWorkspaces({ repository, folder }).integrate({ from, into: 'main', mode: 'ff', signal });
