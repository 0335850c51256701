import type { Desk } from '../desk/desk.ts';
import { progress } from '../live/progress.ts';
import { asking } from './asking.ts';
import type { AskFlags } from './ask-flags.ts';

/** `claude-pool top`. */
export function top(flags: AskFlags): Promise<number> {
  return asking(flags, async ({ desk, ended }, signal) => {
    if (flags.json === true) return printViews(desk, signal);
    const showing = await progress({ desk, stream: process.stdout });
    showing.watch();
    await ended(signal).finally(() => showing.end([]));
  });
}

async function printViews(desk: Desk, signal: AbortSignal): Promise<void> {
  for await (const view of await desk.views({ signal })) process.stdout.write(`${JSON.stringify(view)}\n`);
}
