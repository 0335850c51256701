import { createPool } from '../../index.ts';
import { poolDesk } from '../desk/pool-desk.ts';
import { EXIT_CODES } from '../exit-codes.ts';
import { failureOf, printFailure } from '../failure.ts';
import { inspection } from '../inspection.ts';
import { poolOptionsOf } from '../pool-options-of.ts';
import { deskServer } from '../remote/desk-server.ts';
import { stopSignals } from '../stop-signals.ts';
import { inBackground } from './in-background.ts';
import { inWords } from './in-words.ts';
import { keepLog } from './keep-log.ts';
import { sayReady } from './ready.ts';
import type { ServeFlags } from './serve-command.ts';
import { untilDrained } from './until-drained.ts';

/** `claude-pool serve`. Resolves with the exit code when no process is left, or in the background when it is ready. */
export async function serve(flags: ServeFlags): Promise<number> {
  using stop = stopSignals();
  const { signal } = stop;
  try {
    // With a channel to its parent, this is the process in the background.
    if (flags.background === true && process.send === undefined) return await inBackground(flags, signal);
    await servePool(flags, signal);
    return stop.exitCode ?? EXIT_CODES.succeeded;
  } catch (error) {
    process.send?.({ failure: failureOf(error, signal) });
    return printFailure(error, { stop, ...flags });
  }
}

async function servePool(flags: ServeFlags, signal: AbortSignal): Promise<void> {
  const { stateDir, configured } = flags;
  const { drainTimeoutMs } = configured.config;
  await using inspecting = await inspection(flags.inspect);
  const pool = await createPool({ ...poolOptionsOf(flags), stateDir, ...inspecting.options, signal });
  try {
    await using server = await deskServer(poolDesk(pool), stateDir);
    keepLog(pool);
    await inspecting.serve(pool);
    sayReady({ stateDir, socket: server.socket, pid: process.pid }, flags);
    await untilDrained(pool, signal);
    const summary = await pool.drain({
      pending: 'keep',
      ...(drainTimeoutMs !== undefined && { timeoutMs: drainTimeoutMs }),
    });
    process.stderr.write(`Stopped: ${inWords(summary)}\n`);
  } finally {
    await pool.drain({ pending: 'keep', timeoutMs: 0 });
  }
}
