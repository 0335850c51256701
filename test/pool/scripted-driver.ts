import type { ClaudeDriver, SessionExit } from 'claude-pool';
import { deferred } from '../../src/deferred.ts';
import type { Deferred } from '../../src/deferred.ts';

type Session = Awaited<ReturnType<ClaudeDriver['open']>>;
export type Turn = Parameters<Session['run']>[0];
export type Report = Awaited<ReturnType<Session['run']>>;

export interface GatedDriver {
  readonly driver: ClaudeDriver;
  /** Every turn that was begun. */
  readonly turns: readonly Turn[];
  /** Streams text in the turn with that prompt, which is at work. */
  say(prompt: string, text: string): void;
  /** Ends the turn with that prompt, now or as soon as it begins. */
  open(prompt: string, report?: Report): void;
  /** Lets that turn break the driver's promise. */
  fail(prompt: string, error: Error): void;
}

export interface GatedDriverOptions {
  /** Sessions that open; the others wait until they are not wanted any more. @default all */
  readonly opens?: number;
}

/** A Claude in process whose turns end when the test says so, or when they are interrupted. */
export function gatedDriver({ opens = Infinity }: GatedDriverOptions = {}): GatedDriver {
  let opened = 0;
  const turns: Turn[] = [];
  const voices = new Map<string, (text: string) => void>();
  const gates = new Map<string, Deferred<Report | Error>>();

  function gateOf(prompt: string): Deferred<Report | Error> {
    const gate = gates.get(prompt) ?? deferred<Report | Error>();
    gates.set(prompt, gate);
    return gate;
  }

  return {
    turns,
    say: (prompt, text) => voices.get(prompt)?.(text),
    open: (prompt, report = reportOf()) => gateOf(prompt).resolve(report),
    fail: (prompt, error) => gateOf(prompt).resolve(error),
    driver: {
      async open(_launch, { signal: lifetime }) {
        opened += 1;
        if (opened > opens) await aborted(lifetime);
        const exit = deferred<SessionExit>();
        return {
          pid: undefined,
          version: 'gated',
          sessionId: undefined,
          exited: exit.promise,
          run(turn, { signal, onText }) {
            turns.push(turn);
            if (onText !== undefined) voices.set(turn.prompt, onText);
            const gate = gateOf(turn.prompt);
            signal.addEventListener('abort', () => gate.resolve(CANCELLED), { once: true });
            return gate.promise.then(reportOrThrow);
          },
          clear: () => Promise.resolve(),
          close: async () => exit.resolve({ code: 0, stderrTail: '' }),
        };
      },
    },
  };
}

/** The report of an answer, but for what is given. */
export function reportOf(change: Partial<Report> = {}): Report {
  return { ...ANSWERED, ...change };
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
  spend: 100,
  spendEstimated: false,
  tokensUsed: { input: 10, output: 1, cacheRead: 0, cacheWrite: 0 },
  durationMs: 1,
};

const CANCELLED: Report = reportOf({ evidence: { interruption: 'cancelled' } });

function reportOrThrow(end: Report | Error): Report {
  if (end instanceof Error) throw end;
  return end;
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}
