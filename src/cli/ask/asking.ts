import { answering } from '../answering.ts';
import { runningDesk } from '../desk/open-desk.ts';
import type { RemoteDesk } from '../remote/remote-desk.ts';
import type { AskFlags } from './ask-flags.ts';

/** Asks the pool that runs on the folder and prints what the work prints. Resolves with the exit code. */
export function asking(
  flags: AskFlags,
  work: (running: RemoteDesk, signal: AbortSignal) => Promise<number | void>,
): Promise<number> {
  return answering(flags, async (signal) => work(await runningDesk(flags, signal), signal));
}
