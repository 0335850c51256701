import { randomUUID } from 'node:crypto';
import { chmod, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createPool } from 'claude-pool';
import type { Pool, PoolEvent, PoolOptions } from 'claude-pool';
import { fakeApi, fakeClaude, processesMarked, realClaude, scratchHome } from 'claude-pool/testing';
import type { Script } from 'claude-pool/testing';

export interface Stage extends AsyncDisposable {
  readonly pool: Pool;
  /** Every event since the pool was open. */
  readonly events: readonly PoolEvent[];
  /** Ids of the living processes that the pool has started, at any depth. */
  processes(): Promise<readonly number[]>;
}

/** A pool of real processes of the fake Claude. */
export async function fakePool(script: Script, options: PoolOptions = {}): Promise<Stage> {
  const home = await realpath(await mkdtemp(path.join(tmpdir(), 'pool-test-')));
  const { env, ...claude } = fakeClaude({ script, counters: home });
  return stage(
    { ...options, claude: { ...claude, cwd: home, env: { ...env, CLAUDE_CONFIG_DIR: home } } },
    () => rm(home, { recursive: true, force: true }),
  );
}

/** A pool of the real CLI before the fake Messages API. */
export async function realPool(
  version: 'oldest' | 'newest',
  script: Script,
  options: PoolOptions = {},
): Promise<Stage> {
  const api = await fakeApi({ script });
  const { cwd, env, ...home } = await scratchHome({ url: api.url });
  const { command } = realClaude(version);
  return stage({ ...options, claude: { command, cwd, env } }, async () => {
    await api.stop();
    await home[Symbol.asyncDispose]();
  });
}

/** A program that is no Claude, as an executable file. */
export async function program(text: string): Promise<AsyncDisposable & { readonly command: string }> {
  const folder = await mkdtemp(path.join(tmpdir(), 'pool-test-'));
  const command = path.join(folder, 'claude');
  await writeFile(command, `#!/bin/sh\n${text}\n`);
  await chmod(command, 0o755);
  return { command, [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) };
}

/** Resolves with the first event that fits, past or future. */
export function eventOf(
  { pool, events }: Pick<Stage, 'pool' | 'events'>,
  fits: (event: PoolEvent) => boolean,
): Promise<PoolEvent> {
  const past = events.find(fits);
  if (past !== undefined) return Promise.resolve(past);
  return new Promise((resolve) => {
    const off = pool.on('event', (event) => {
      if (!fits(event)) return;
      off();
      resolve(event);
    });
  });
}

/** A pool whose processes can be told from others. */
export async function stage(options: PoolOptions, cleanUp: () => Promise<void>): Promise<Stage> {
  const mark = `POOL_TEST=${randomUUID()}`;
  const [name = '', value = ''] = mark.split('=');
  const claude = { ...options.claude, env: { ...options.claude?.env, [name]: value } };
  const pool = await createPool({ ...options, claude }).catch(async (error: unknown) => {
    await cleanUp();
    throw error;
  });
  const events: PoolEvent[] = [];
  pool.on('event', (event) => events.push(event));
  return {
    pool,
    events,
    processes: () => processesMarked(mark),
    async [Symbol.asyncDispose]() {
      await pool[Symbol.asyncDispose]();
      await cleanUp();
    },
  };
}
