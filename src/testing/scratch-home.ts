import { mkdir, mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

const credentials = {
  apiKey: { ANTHROPIC_API_KEY: 'sk-ant-api03-fake' },
  subscription: { CLAUDE_CODE_OAUTH_TOKEN: 'sk-ant-oat01-fake' },
} as const;

/** Which account the real CLI finds in its home. */
export interface ScratchHomeOptions {
  /** Where the Messages API is served. */
  readonly url: string;
  /** What the CLI takes itself for. Only a subscription has usage limits that are lifted at a known time. @default 'apiKey' */
  readonly account?: 'apiKey' | 'subscription';
  /** Where tools are found. @default `PATH` of this process */
  readonly searchPath?: string;
}

/** A home of its own for the real CLI. It is deleted at the end. */
export interface ScratchHome extends AsyncDisposable {
  /** An empty folder to work in, inside the home. */
  readonly cwd: string;
  /** The whole environment that the CLI needs: start it with nothing else. */
  readonly env: Readonly<Record<string, string>>;
}

/**
 * Lets the real CLI run without an account, and keeps it out of the home of whoever runs the tests.
 *
 * @example
 * await using api = await fakeApi({ script: { rules: [] } });
 * await using home = await scratchHome({ url: api.url });
 * const { cwd, env } = home;
 * await using pool = await createPool({ claude: { command: realClaude('newest').command, cwd, env } });
 */
export async function scratchHome({
  url,
  account = 'apiKey',
  searchPath = process.env['PATH'] ?? '',
}: ScratchHomeOptions): Promise<ScratchHome> {
  const home = await realpath(await mkdtemp(path.join(tmpdir(), 'claude-home-')));
  const cwd = path.join(home, 'work');
  await mkdir(cwd);
  return {
    cwd,
    env: { ...environment(home), ...credentials[account], ANTHROPIC_BASE_URL: url, PATH: searchPath },
    [Symbol.asyncDispose]: () => rm(home, { recursive: true, force: true, maxRetries: 5 }),
  };
}

function environment(home: string): Readonly<Record<string, string>> {
  return {
    HOME: home,
    TMPDIR: home,
    CLAUDE_CONFIG_DIR: path.join(home, '.claude'),
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
    DISABLE_TELEMETRY: '1',
    DISABLE_AUTOUPDATER: '1',
    DISABLE_ERROR_REPORTING: '1',
    IS_SANDBOX: '1',
  };
}
