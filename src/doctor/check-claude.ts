import { deathPact } from '../claude/death-pact.ts';
import { greetedConnection } from '../claude/greeted-connection.ts';
import type { Account } from '../claude/greeting.ts';
import { parseClaudeOptions } from '../claude/options.ts';
import { PoolError } from '../errors.ts';
import type { Config } from '../config/config.ts';
import { faultDiagnosis } from './diagnosis.ts';
import type { Diagnosis } from './diagnosis.ts';

/** Starts Claude, asks who it is, and ends it. Nothing is billed. */
export async function checkClaude(
  { config, folder }: { readonly config: Config; readonly folder: string },
  signal: AbortSignal,
): Promise<readonly Diagnosis[]> {
  try {
    const settings = parseClaudeOptions({ cwd: folder, ...config.claude });
    const launch = { slotId: 'doctor', permissionMode: config.permissionMode ?? 'plan' };
    const { connection, account, version, program } = await greetedConnection(settings, launch, signal);
    await connection.close();
    const claude: Diagnosis = { check: 'claude', status: 'ok', message: `Claude ${version} (${program}).` };
    return [claude, loginOf(account, config), ...(await binding())];
  } catch (error) {
    signal.throwIfAborted();
    const isLogin = error instanceof PoolError && error.code === 'CLAUDE_AUTH';
    return [faultDiagnosis(isLogin ? 'login' : 'claude', error)];
  }
}

function loginOf(
  { tokenSource = 'none', apiKeySource = 'none', apiProvider }: Account,
  config: Config,
): Diagnosis {
  const source = tokenSource === 'none' ? apiKeySource : tokenSource;
  const provider = apiProvider === undefined || apiProvider === 'firstParty' ? '' : ` at ${apiProvider}`;
  const message = `Claude is logged in by \`${source}\`${provider}.`;
  if (tokenSource !== 'claude.ai' || config.slots === 1) return { check: 'login', status: 'ok', message };
  return {
    check: 'login',
    status: 'warning',
    message: `${message} Sessions side by side refresh this login one after the other, and can log each other out.`,
    remedy: 'Make a token that lasts with `claude setup-token`, and put it into `CLAUDE_CODE_OAUTH_TOKEN`.',
  };
}

async function binding(): Promise<readonly Diagnosis[]> {
  if (process.platform !== 'linux' || (await deathPact()).length > 0) return [];
  return [
    {
      check: 'claude',
      status: 'warning',
      message: 'There is no `setpriv`: when a pool is killed, its Claudes go on until the next pool starts.',
      remedy: 'Install `setpriv` (package `util-linux`).',
    },
  ];
}
