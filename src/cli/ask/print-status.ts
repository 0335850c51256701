import { printData } from '../envelope.ts';
import { frame } from '../live/frame.ts';
import { asking } from './asking.ts';
import type { AskFlags } from './ask-flags.ts';

const WIDE = 200;

/** `claude-pool status`. */
export function printStatus(flags: AskFlags): Promise<number> {
  return asking(flags, async ({ desk, server: { pid, version } }, signal) => {
    for await (const view of await desk.views({ signal })) {
      if (flags.json === true) printData({ ...view, pid }, { server: version });
      else process.stdout.write(`${frame(view, screen())}\n`);
      break;
    }
  });
}

function screen(): Parameters<typeof frame>[1] {
  return { now: Date.now(), columns: process.stdout.columns ?? WIDE, rows: Infinity };
}
