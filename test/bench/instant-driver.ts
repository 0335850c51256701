import type { ClaudeDriver, SessionExit } from 'claude-pool';
import { reportOf } from '../pool/scripted-driver.ts';

const REPORT = reportOf({ durationMs: 0 });

/** Answers at once, in process, so that what is measured is the pool. With a gate it answers when that opens. */
export function instantDriver(gate: Promise<unknown> = Promise.resolve()): ClaudeDriver {
  return {
    open() {
      let exit = ignore;
      const exited = new Promise<SessionExit>((resolve) => {
        exit = resolve;
      });
      return Promise.resolve({
        pid: undefined,
        version: 'instant',
        sessionId: undefined,
        exited,
        run: async () => {
          await gate;
          return REPORT;
        },
        clear: () => Promise.resolve(),
        async close() {
          exit({ code: 0, stderrTail: '' });
        },
      });
    },
  };
}

function ignore(_how: SessionExit): void {}
