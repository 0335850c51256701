import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Pool, PoolOptions } from '../../src/api.ts';
import { claudeDriver } from '../../src/claude/driver.ts';
import { createPool } from '../../src/pool.ts';
import { fakeClaude } from '../../src/testing/fake-claude.ts';
import type { Script } from '../../src/testing/script.ts';
import { gatedClaude } from './gated-claude.ts';
import type { GatedClaude } from './gated-claude.ts';

export interface GatedStage extends AsyncDisposable {
  readonly pool: Pool;
  readonly claude: GatedClaude;
}

/** A pool of real processes of the fake Claude, whose turns end for the pool when the test lets them. */
export async function gatedStage(script: Script, options: PoolOptions = {}): Promise<GatedStage> {
  const home = await realpath(await mkdtemp(path.join(tmpdir(), 'pool-test-')));
  const { env, ...command } = fakeClaude({ script, counters: home });
  const claude = gatedClaude(
    claudeDriver({ ...command, cwd: home, env: { ...env, CLAUDE_CONFIG_DIR: home } }),
  );
  const pool = await createPool({ ...options, driver: claude.driver });
  return {
    pool,
    claude,
    async [Symbol.asyncDispose]() {
      await pool[Symbol.asyncDispose]();
      await rm(home, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
