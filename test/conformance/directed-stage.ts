import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Pool, PoolOptions } from '../../src/api.ts';
import { claudeDriver } from '../../src/claude/driver.ts';
import type { ClaudeOptions } from '../../src/claude/options.ts';
import { createPoolIn } from '../../src/pool.ts';
import type { ClaudeDriver } from '../../src/ports.ts';
import { fakeClaude } from '../../src/testing/fake-claude.ts';
import { simulatedClock } from '../../src/testing/model/simulated-clock.ts';
import { realWorld } from '../../src/world.ts';
import { directedClaude, DIRECTED_RULES } from './directed-claude.ts';
import type { DirectedClaude } from './directed-claude.ts';

export interface DirectedStage extends AsyncDisposable {
  readonly pool: Pool;
  readonly claude: DirectedClaude;
  /** Lets time pass for the pool: it stands still otherwise. */
  readonly pass: (ms: number) => void;
  /** The fake Claude, started in another way. */
  driverWith(change: ClaudeOptions): ClaudeDriver;
}

export interface DirectedStageOptions extends PoolOptions {
  /** What stands between the pool and Claude. */
  readonly between?: (claude: ClaudeDriver) => ClaudeDriver;
}

/** A pool of real processes of the fake Claude, for which only the test makes time pass and turns end. */
export async function directedStage({
  between = (claude) => claude,
  ...options
}: DirectedStageOptions = {}): Promise<DirectedStage> {
  const home = await realpath(await mkdtemp(path.join(tmpdir(), 'pool-test-')));
  const { env, ...command } = fakeClaude({ script: { rules: DIRECTED_RULES }, counters: home });
  const driverWith = (change: ClaudeOptions): ClaudeDriver =>
    claudeDriver({ ...command, cwd: home, env: { ...env, CLAUDE_CONFIG_DIR: home }, ...change });
  const claude = directedClaude(driverWith({}));
  const clock = simulatedClock();
  const start = Date.now();
  const world = { ...realWorld, clock, now: () => start + clock.now(), chance: () => 0.5 };
  const pool = await createPoolIn(world, {
    model: 'claude-haiku-4-5',
    ...options,
    driver: between(claude.driver),
  });
  return {
    pool,
    claude,
    pass: (ms) => clock.increment(ms),
    driverWith,
    async [Symbol.asyncDispose]() {
      const drained = pool.drain({ timeoutMs: 1 });
      clock.increment(1);
      claude.dismiss();
      await drained;
      await rm(home, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
