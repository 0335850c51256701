import { deferred } from '../../src/claude/deferred.ts';
import type { Deferred } from '../../src/claude/deferred.ts';
import type { ClaudeDriver, SessionExit } from '../../src/ports.ts';

type Session = Awaited<ReturnType<ClaudeDriver['open']>>;
type Report = Awaited<ReturnType<Session['run']>>;

/** Sessions in process whose turns the test ends by hand. Those that run a turn are numbered. */
export interface HandDriver {
  readonly driver: ClaudeDriver;
  answer(which: number): void;
  /** Ends the turn without a result, as a process that dies in it does. */
  crash(which: number): void;
  /** Ends the turn at a usage limit that is lifted at once. */
  limit(which: number): void;
}

interface Hand {
  readonly turn: Deferred<Report>;
  readonly exit: Deferred<SessionExit>;
}

export function handDriver(): HandDriver {
  const hands = new Set<Hand>();

  function end(which: number, report: Report): Hand | undefined {
    const hand = [...hands][which % Math.max(1, hands.size)];
    hand?.turn.resolve(report);
    return hand;
  }

  return {
    answer: (which) => void end(which, ANSWERED),
    crash: (which) => end(which, CRASHED)?.exit.resolve({ signal: 'SIGKILL', stderrTail: '' }),
    limit: (which) =>
      void end(which, { ...LIMITED, evidence: { ...LIMITED.evidence, resetsAt: Date.now() } }),
    driver: {
      open() {
        const exit = deferred<SessionExit>();
        return Promise.resolve({
          pid: undefined,
          version: 'by hand',
          sessionId: undefined,
          exited: exit.promise,
          async run(_turn, { signal }) {
            const hand: Hand = { turn: deferred<Report>(), exit };
            hands.add(hand);
            signal.addEventListener('abort', () => hand.turn.resolve(CANCELLED), { once: true });
            const report = await hand.turn.promise;
            hands.delete(hand);
            return report;
          },
          clear: () => Promise.resolve(),
          close: () => Promise.resolve(exit.resolve({ code: 0, stderrTail: '' })),
        });
      },
    },
  };
}

const ANSWERED: Report = {
  evidence: {
    result: {
      subtype: 'success',
      isError: false,
      stopReason: 'end_turn',
      text: 'done',
      errors: [],
      turns: 1,
      denials: [],
    },
  },
  spend: 100_000,
  spendEstimated: false,
  tokensUsed: { input: 10, output: 1, cacheRead: 0, cacheWrite: 0 },
  durationMs: 1,
};
const CRASHED: Report = { ...ANSWERED, evidence: { exit: { signal: 'SIGKILL' } }, spendEstimated: true };
const CANCELLED: Report = { ...ANSWERED, evidence: { interruption: 'cancelled' } };
const LIMITED: Report = {
  ...ANSWERED,
  spend: 0,
  evidence: { interruption: 'rateLimited', lastRetryStatus: 429 },
};
