import type { Interruption } from '../../machines/types.ts';
import type { LiveSession } from './live-session.ts';

export interface Interrupter {
  /** Asks the turn to end, or kills the process when it does not. The first reason stays. */
  readonly interrupt: (reason: Interruption) => void;
  /** Asks again, if it was asked before: 2.1.330 ignores an interrupt that comes before the turn has begun. */
  readonly repeat: () => void;
  readonly reason: () => Interruption | undefined;
  readonly stop: () => void;
}

export function interrupter(session: LiveSession): Interrupter {
  let reason: Interruption | undefined;
  let deadline: NodeJS.Timeout | undefined;

  function ask(): void {
    session.request({ subtype: 'interrupt' }).catch(() => undefined);
  }

  return {
    interrupt(because) {
      if (reason !== undefined) return;
      reason = because;
      if (because === 'silence') {
        void session.kill();
        return;
      }
      deadline = setTimeout(() => void session.kill(), session.settings.interruptTimeoutMs);
      ask();
    },
    repeat() {
      if (deadline !== undefined) ask();
    },
    reason: () => reason,
    stop: () => clearTimeout(deadline),
  };
}
