import { createPool, PoolError } from '../../index.ts';
import type { PoolOptions } from '../../index.ts';
import { inspection } from '../inspection.ts';
import type { InspectFlag } from '../inspection.ts';
import type { WorkFlags } from '../work/work-flags.ts';
import type { Desk } from './desk.ts';
import { remoteDesk } from '../remote/remote-desk.ts';
import type { RemoteDesk } from '../remote/remote-desk.ts';
import { poolDesk } from './pool-desk.ts';

/** A desk for a command, and whether the pool behind it goes on without the command. */
export interface OpenDesk extends AsyncDisposable {
  readonly desk: Desk;
  readonly isShared: boolean;
}

/** The desk of the pool that runs on the folder; of one that the command has to itself where none runs. */
export async function openDesk(flags: WorkFlags, own: PoolOptions, signal: AbortSignal): Promise<OpenDesk> {
  const { claude, cwd, inspect } = flags;
  const isPrivate = flags.private === true || [claude, cwd, inspect].some((flag) => flag !== undefined);
  const running = isPrivate ? undefined : await remoteDesk(flags.stateDir, signal);
  if (running !== undefined) return shared(running);
  if (flags.namesStateDir === true) process.stderr.write(nothingKept(flags));
  return ownDesk(own, inspect, signal);
}

/** Its queue would be run with the work, were the folder opened for one command. */
function nothingKept({ stateDir }: WorkFlags): string {
  return `Nothing is kept in ${stateDir}: the work is done by a pool of its own, in memory. For one that keeps it: claude-pool serve --state-dir ${stateDir}\n`;
}

/** The pool that runs on the folder. Rejects with `POOL_UNREACHABLE` when none does. */
export async function runningDesk(
  { stateDir }: { readonly stateDir: string },
  signal: AbortSignal,
): Promise<OpenDesk & RemoteDesk> {
  const running = await remoteDesk(stateDir, signal);
  if (running !== undefined) return shared(running);
  const message = `Expected a pool that runs on \`${stateDir}\`, got none. Start one with \`claude-pool serve\`.`;
  throw new PoolError('POOL_UNREACHABLE', message);
}

function shared(running: RemoteDesk): OpenDesk & RemoteDesk {
  return { ...running, isShared: true, [Symbol.asyncDispose]: async () => undefined };
}

async function ownDesk(own: PoolOptions, inspect: InspectFlag, signal: AbortSignal): Promise<OpenDesk> {
  const inspecting = await inspection(inspect);
  const pool = await createPool({ ...own, ...inspecting.options, signal });
  const close = async (): Promise<void> => {
    await pool.drain({ timeoutMs: 0 });
    await inspecting[Symbol.asyncDispose]();
  };
  await inspecting.serve(pool).catch(async (error: unknown) => {
    await close();
    throw error;
  });
  return { desk: poolDesk(pool), isShared: false, [Symbol.asyncDispose]: close };
}
