import { printData } from '../envelope.ts';
import { coloured } from '../history/state-colour.ts';
import { asking } from './asking.ts';
import type { AskFlags } from './ask-flags.ts';

/** `claude-pool cancel`. One that cannot be cancelled keeps none of the others from it. */
export function cancel(ids: readonly string[], flags: AskFlags): Promise<number> {
  return asking(flags, async ({ desk }, signal) => {
    const attempts = await Promise.allSettled(ids.map((id) => desk.cancel({ id, signal })));
    const ends = attempts.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
    const refused = attempts.find((each) => each.status === 'rejected');
    if (refused !== undefined && flags.json === true) throw refused.reason;
    if (flags.json === true) printData({ outcomes: ends });
    else for (const { id, state } of ends) process.stdout.write(`${id} ${coloured(state)}\n`);
    if (refused !== undefined) throw refused.reason;
  });
}
