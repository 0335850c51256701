import { asking } from '../ask/asking.ts';
import { printData } from '../envelope.ts';
import { inWords } from './in-words.ts';
import type { StopFlags } from './stop-command.ts';

/** `claude-pool stop`. Resolves with the exit code when the pool is drained and its process at its end. */
export function stop(flags: StopFlags): Promise<number> {
  return asking(flags, async ({ desk, server, ended }, signal) => {
    const end = ended(signal);
    const { timeout, cancel } = flags;
    const pending = cancel === true ? 'cancel' : 'keep';
    const drained = desk.drain({ signal, pending, ...(timeout !== undefined && { timeoutMs: timeout }) });
    const [summary] = await Promise.all([drained, end]);
    if (flags.json === true) {
      printData(summary);
      return;
    }
    process.stdout.write(`Stopped process ${server.pid}: ${inWords(summary)}\n`);
  });
}
