import { execa } from 'execa';
import { findClaude } from './find-claude.ts';

let lookedUp: Promise<readonly string[]> | undefined;

/**
 * What a command is prefixed with so that it ends when this process does, however that ends; `[]` where that cannot be.
 * Without it, Claude goes on working, and spending, when its parent is killed.
 * The signal is SIGTERM, because SIGKILL would leave its Bash children behind.
 */
export function deathPact(): Promise<readonly string[]> {
  lookedUp ??= lookUp();
  return lookedUp;
}

async function lookUp(): Promise<readonly string[]> {
  if (process.platform !== 'linux') return [];
  try {
    const setpriv = await findClaude({ command: 'setpriv', path: process.env['PATH'], cwd: '/' });
    const pact = [setpriv, '--pdeathsig', 'SIGTERM', '--'];
    // The `setpriv` of busybox does not know the option.
    const { failed } = await execa(setpriv, [...pact.slice(1), 'true'], { reject: false, stdio: 'ignore' });
    return failed ? [] : pact;
  } catch {
    return [];
  }
}
