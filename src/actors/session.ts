import { fromCallback } from 'xstate';
import type { SessionCommand, SessionFact, SessionInput, SessionTurn } from '../../machines/port.ts';
import { unsentReport } from '../../machines/unsent.ts';
import type { AttemptReport, Timestamp } from '../../machines/types.ts';
import { PoolError } from '../errors.ts';
import type { ClaudeDriver, ClaudeSession, TurnHooks } from '../ports.ts';

/** What sessions stand on. */
export interface SessionGround {
  readonly driver: ClaudeDriver;
  /** Resolves when all that was decided so far is durable. No prompt is sent before. @default nothing is durable */
  readonly barrier?: () => Promise<void>;
  /** Milliseconds since the epoch. @default Date.now */
  readonly now?: () => Timestamp;
  /** A random number in [0, 1). @default Math.random */
  readonly chance?: () => number;
  /** Who hears what the turn of a task does. @default nobody */
  readonly hooksFor?: (taskId: string) => Omit<TurnHooks, 'signal'>;
  /** Told right before the barrier, so that it is durable before the prompt is sent. */
  readonly onSending?: (attempt: SendingAttempt) => void;
  /** Told, when the actor is stopped, what resolves once nothing of its session is left. */
  readonly onStop?: (gone: Promise<void>) => void;
}

/** An attempt whose prompt is about to be sent. */
export interface SendingAttempt {
  readonly taskId: string;
  readonly generation: number;
  readonly prompt: string;
  readonly sessionId: string | undefined;
  readonly cwd: string | undefined;
}

/**
 * The port `session` of `slotMachine`, on a driver: opens at once, obeys commands, tells facts.
 *
 * @example
 * const actors = { session: sessionActor({ driver: claudeDriver() }) }; // for `slotMachine`
 */
export function sessionActor({
  driver,
  barrier = () => Promise.resolve(),
  now = Date.now,
  chance = Math.random,
  hooksFor = () => ({}),
  onSending,
  onStop,
}: SessionGround) {
  return fromCallback<SessionCommand, SessionInput>(({ input, receive, sendBack }) => {
    const lifetime = new AbortController();
    let interruption = new AbortController();
    let open: ClaudeSession | undefined;
    let lastTurn: Promise<void> = Promise.resolve();

    const tell = (fact: SessionFact): void => sendBack(fact);
    const ended = (message: string, code?: string): void =>
      tell({
        type: 'session.ended',
        at: now(),
        chance: chance(),
        message,
        ...(code !== undefined && { code }),
      });

    const opening = driver.open(input.launch, { signal: lifetime.signal }).then(
      (session) => {
        open = session;
        void session.exited.then(async ({ code, signal, stderrTail }) => {
          await lastTurn;
          ended(`The process ended with ${signal ?? `exit code ${code ?? 'unknown'}`}. ${stderrTail}`.trim());
        });
        tell({
          type: 'session.opened',
          at: now(),
          version: session.version,
          ...(session.pid !== undefined && { pid: session.pid }),
        });
        if (lifetime.signal.aborted) void session.close();
      },
      (error: unknown) => ended(messageOf(error), error instanceof PoolError ? error.code : undefined),
    );

    async function run(session: ClaudeSession, turn: SessionTurn): Promise<void> {
      if (interruption.signal.aborted) interruption = new AbortController();
      const { signal } = interruption;
      const report = await attempt(session, turn, signal).catch((error: unknown) =>
        signal.aborted && error === signal.reason ? CANCELLED : brokenReport(error),
      );
      tell({ type: 'session.settled', report, at: now(), chance: chance() });
    }

    async function attempt(
      session: ClaudeSession,
      { taskId, generation, work, isProbe, ...wanted }: SessionTurn,
      signal: AbortSignal,
    ): Promise<AttemptReport> {
      const told = { ...wanted, attempt: { taskId, number: generation + 1, ...(work && { work }) } };
      const turn = session.prepare === undefined ? told : await session.prepare(told, { signal });
      onSending?.({
        taskId,
        generation,
        prompt: turn.prompt,
        sessionId: session.sessionId,
        cwd: session.cwd ?? input.launch.cwd,
      });
      await barrier();
      const hooks = { ...hooksFor(taskId), signal };
      return session.run(turn, isProbe ? listening(hooks, tellAnswered) : hooks);
    }

    function tellAnswered(): void {
      tell({ type: 'session.answered', at: now() });
    }

    function clear(session: ClaudeSession): void {
      session.clear({ signal: lifetime.signal }).then(
        () => tell({ type: 'session.cleared', at: now() }),
        () => session.close(),
      );
    }

    function close(): void {
      if (open === undefined)
        lifetime.abort(new PoolError('CANCELLED', 'The session was closed before it was open.'));
      else void open.close();
    }

    receive((command) => {
      if (command.type === 'session.close') close();
      if (command.type === 'session.interrupt') interruption.abort();
      if (open === undefined) return;
      if (command.type === 'session.run') lastTurn = run(open, command.turn);
      if (command.type === 'session.clear') clear(open);
    });
    async function gone(): Promise<void> {
      await opening;
      await open?.exited;
      // A driver may not know that a turn ends with its session.
      interruption.abort();
      await lastTurn;
    }

    return () => {
      close();
      onStop?.(gone());
    };
  });
}

/** Calls once when Claude says or does the first thing. */
function listening(hooks: TurnHooks, onAnswer: () => void): TurnHooks {
  let isQuiet = true;

  function note(): void {
    if (isQuiet) onAnswer();
    isQuiet = false;
  }

  return {
    ...hooks,
    onText(text) {
      note();
      hooks.onText?.(text);
    },
    onActivity(activity) {
      if (activity.type === 'toolUse') note();
      hooks.onActivity?.(activity);
    },
  };
}

const CANCELLED = unsentReport({ interruption: 'cancelled' });

/** The prompt was held back, or the driver broke its promise: then nobody knows what was done and what it cost. */
function brokenReport(error: unknown): AttemptReport {
  const message = messageOf(error);
  if (error instanceof PoolError) return unsentReport({ openError: { code: error.code, message } });
  return { ...unsentReport({}), spendEstimated: true, stderrTail: message };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
