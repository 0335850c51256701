import { PoolError } from '../errors.ts';
import type { SessionExit } from '../ports.ts';
import { answerControlRequest } from './answer-control-request.ts';
import { startProcess } from './claude-process.ts';
import type { ProcessStart } from './claude-process.ts';
import { closeProcess, killProcess } from './close-process.ts';
import { controlChannel } from './control.ts';
import type { ControlRequest } from './control.ts';
import type { ClaudeSettings } from './options.ts';
import type { Line } from './protocol.ts';

type LineListener = (line: Line) => void;

type ExitListener = (exit: SessionExit) => void;

/** The line to one process: requests with answers, and everything else that it says. */
export interface Connection {
  readonly pid: number | undefined;
  readonly exited: Promise<SessionExit>;
  readonly send: (message: object) => void;
  readonly request: (request: ControlRequest, timeoutMs?: number) => Promise<unknown>;
  /** Hears every line but answers to requests. Returns how to stop. */
  readonly listen: (listener: LineListener) => () => void;
  readonly hasExited: () => boolean;
  /** Hears of the end once, also when it has come already. Returns how to stop. */
  readonly onExit: (listener: ExitListener) => () => void;
  readonly stderrTail: () => string;
  /** Ends an idle process: politely, then harder and harder. */
  readonly close: () => Promise<void>;
  /** Ends the process at once. */
  readonly kill: () => Promise<void>;
}

type ConnectionStart = Omit<ProcessStart, 'onLine'> &
  Pick<ClaudeSettings, 'controlTimeoutMs' | 'closeTimeoutMs'>;

export function connect({ controlTimeoutMs, closeTimeoutMs, ...start }: ConnectionStart): Connection {
  const listeners = new Set<LineListener>();
  const exitListeners = new Set<ExitListener>();
  let ended: SessionExit | undefined;
  const child = startProcess({ ...start, onLine: hear });
  const control = controlChannel(child.send);
  void mourn();

  async function mourn(): Promise<void> {
    ended = await child.exited;
    control.fail(nobodyThere());
    tellExit();
  }

  function tellExit(): void {
    if (ended === undefined) return;
    for (const listener of exitListeners) {
      exitListeners.delete(listener);
      listener(ended);
    }
  }

  function hear(line: Line): void {
    if (line.type === 'controlResponse') control.settle(line);
    else if (line.type === 'controlRequest') child.send(answerControlRequest(line));
    for (const listener of listeners) listener(line);
  }

  return {
    pid: child.pid,
    exited: child.exited,
    send: child.send,
    request: (request, timeoutMs = controlTimeoutMs) =>
      ended === undefined ? control.request(request, timeoutMs) : Promise.reject(nobodyThere()),
    listen(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    hasExited: () => ended !== undefined,
    onExit(listener) {
      exitListeners.add(listener);
      if (ended !== undefined) queueMicrotask(tellExit);
      return () => void exitListeners.delete(listener);
    },
    stderrTail: child.stderrTail,
    close: () => closeProcess(child, closeTimeoutMs),
    kill: () => killProcess(child),
  };
}

function nobodyThere(): PoolError {
  return new PoolError(
    'CLAUDE_PROTOCOL',
    'Expected Claude to answer, but its process has ended. Open another session.',
  );
}
