/** Acquires a worktree for each `<repository>:<folder>` of its arguments, and prints what that comes to. */
import { gitWorkspaces } from '../../src/workspaces/git-workspaces.ts';

const { signal } = new AbortController();
for (const site of process.argv.slice(2)) {
  const [repository = '', folder = ''] = site.split(':');
  const acquiring = gitWorkspaces({ repository, folder }).acquire({ id: 'slot-0', task: 'one', signal });
  const { code, message } = await acquiring.then(
    () => ({ code: 'NONE', message: '' }),
    (error: Error & { readonly code: string }) => error,
  );
  console.log(JSON.stringify({ code, message }));
}
