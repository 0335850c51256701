import { asking } from '../ask/asking.ts';
import { printData } from '../envelope.ts';
import { money } from '../history/plain-text.ts';
import type { StopFlags } from './stop-command.ts';

/** `claude-pool stop`. Resolves with the exit code when the pool is drained and its process at its end. */
export function stop(flags: StopFlags): Promise<number> {
  return asking(flags, async ({ desk, server, ended }, signal) => {
    const end = ended(signal);
    const { timeout } = flags;
    const drained = desk.drain({ signal, ...(timeout !== undefined && { timeoutMs: timeout }) });
    const [summary] = await Promise.all([drained, end]);
    if (flags.json === true) {
      printData(summary);
      return;
    }
    const { completedTasks, errorCount, cancelledTasks, totalSpendUsd } = summary;
    const counts = `${completedTasks} completed, ${errorCount} failed, ${cancelledTasks} cancelled`;
    process.stdout.write(`Stopped process ${server.pid}: ${counts}, ${money(totalSpendUsd)} spent.\n`);
  });
}
