import { openHistory } from '../../index.ts';
import type { History } from '../../index.ts';
import { answering } from '../answering.ts';
import type { AskFlags } from '../ask/ask-flags.ts';

/** Reads the folder and prints what the work prints. Resolves with the exit code. */
export function readHistory(
  { stateDir, ...flags }: AskFlags,
  work: (history: History, signal: AbortSignal) => Promise<void>,
): Promise<number> {
  return answering(flags, async (signal) => {
    await using history = await openHistory({ stateDir });
    await work(history, signal);
  });
}
