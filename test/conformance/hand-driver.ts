import { deferred } from '../../src/deferred.ts';
import type { Deferred } from '../../src/deferred.ts';
import type { ClaudeDriver, SessionExit } from '../../src/ports.ts';
import { reportOf } from '../pool/scripted-driver.ts';

type Session = Awaited<ReturnType<ClaudeDriver['open']>>;
type Turn = Parameters<Session['run']>[0];
type Report = Awaited<ReturnType<Session['run']>>;

/** Sessions in process whose turns the test ends by hand. Those that run a turn are numbered. */
export interface HandDriver {
  readonly driver: ClaudeDriver;
  /** What all turns that have ended have spent, in micro-dollars. */
  spent(): number;
  answer(which: number): void;
  /** Ends the turn without a result, as a process that dies in it does. */
  crash(which: number): void;
  /** Ends the turn at a usage limit that is lifted at that time. */
  limit(which: number, resetsAt: number): void;
}

/** Decides when the pool hears of what a session has come to. */
export type Settle = (what: string) => Promise<void>;

interface Hand {
  readonly turn: Deferred<Report>;
  readonly exit: Deferred<SessionExit>;
}

export function handDriver(settle: Settle): HandDriver {
  const hands = new Set<Hand>();
  /** What the last turn of a session has spent, by then. */
  const spends = new Map<string, number>();
  let spent = 0;
  let sessions = 0;

  function end(which: number, report: Report): Hand | undefined {
    const hand = [...hands][which % Math.max(1, hands.size)];
    hand?.turn.resolve(report);
    return hand;
  }

  return {
    spent: () => spent,
    answer: (which) => void end(which, ANSWERED),
    crash: (which) => end(which, CRASHED)?.exit.resolve({ signal: 'SIGKILL', stderrTail: '' }),
    limit: (which, resetsAt) => void end(which, { ...LIMITED, evidence: { ...LIMITED.evidence, resetsAt } }),
    driver: {
      open({ slotId }) {
        const exit = deferred<SessionExit>();
        sessions += 1;
        const sessionId = `by hand ${sessions}`;
        const session = {
          pid: undefined,
          version: 'by hand',
          sessionId,
          exited: exit.promise.then((how) => settle(`exit of ${slotId}`).then(() => how)),
          async prepare(turn: Turn) {
            spends.delete(sessionId);
            return turn;
          },
          async run(...[, { signal }]: Parameters<Session['run']>) {
            const hand: Hand = { turn: deferred<Report>(), exit };
            hands.add(hand);
            const cancel = (): void => hand.turn.resolve(CANCELLED);
            signal.addEventListener('abort', cancel, { once: true });
            if (signal.aborted) cancel();
            const report = await hand.turn.promise;
            hands.delete(hand);
            spent += report.spend;
            spends.set(sessionId, report.spend);
            await settle(`answer of ${slotId}`);
            return report;
          },
          clear: () => settle(`clearing of ${slotId}`),
          close() {
            for (const hand of hands) if (hand.exit === exit) hand.turn.resolve(UNSEEN);
            return Promise.resolve(exit.resolve({ code: 0, stderrTail: '' }));
          },
        };
        return settle(`opening of ${slotId}`).then(() => session);
      },
      async examine({ sessionId }) {
        const spend = spends.get(sessionId) ?? 0;
        return { began: spend > 0, spend };
      },
    },
  };
}

const ANSWERED = reportOf({ spend: 100_000 });
const CRASHED: Report = { ...ANSWERED, evidence: { exit: { signal: 'SIGKILL' } }, spendEstimated: true };
const CANCELLED: Report = { ...ANSWERED, evidence: { interruption: 'cancelled' } };
/** Of a turn that nobody waits for. */
const UNSEEN: Report = { ...CRASHED, spend: 0 };
const LIMITED: Report = {
  ...ANSWERED,
  spend: 0,
  evidence: { interruption: 'rateLimited', lastRetryStatus: 429 },
};
