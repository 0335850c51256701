import { once } from 'node:events';
import { execa } from 'execa';
import type { ProcessExit } from '../../machines/types.ts';
import type { SessionExit } from '../ports.ts';
import { guardAtHostExit } from './host-exit.ts';
import { malformed, parseLine } from './protocol.ts';
import type { Line } from './protocol.ts';
import { processTree } from '../processes/process-tree.ts';
import type { ProcessIdentity } from '../processes/process-tree.ts';
import { sessionMark } from '../processes/session-mark.ts';
import { splitLines } from './split-lines.ts';
import { sweep } from '../processes/sweep.ts';
import { textTail } from './text-tail.ts';
import { within } from './within.ts';

const STDERR_TAIL_BYTES = 4096;
const DRAIN_MS = 500;

export interface ProcessStart {
  /** Program and arguments. */
  readonly command: readonly [program: string, ...args: string[]];
  /** The environment, for a given mark. */
  readonly env: (mark: string) => Readonly<Record<string, string>>;
  readonly cwd: string;
  /** Whether it dies with the host without being in its process group: then Ctrl-C in a terminal does not reach it. */
  readonly isBound: boolean;
  readonly onLine: (line: Line) => void;
}

export interface ClaudeProcess {
  readonly pid: number | undefined;
  /** Settles when the process is gone, its last line was read, and its descendants are gone too. */
  readonly exited: Promise<SessionExit>;
  /** Settles when the process itself is gone. */
  readonly ended: Promise<void>;
  readonly send: (message: object) => void;
  readonly endInput: () => void;
  readonly kill: (signal: NodeJS.Signals) => void;
  /** Notes the descendants, so that they are found when the process is gone. */
  readonly survey: () => Promise<void>;
  readonly stderrTail: () => string;
}

/** Starts one process that speaks lines of JSON. */
export function startProcess({ command, env, cwd, isBound, onLine }: ProcessStart): ClaudeProcess {
  const mark = sessionMark();
  const [program, ...args] = command;
  const child = execa(program, args, {
    buffer: false,
    cleanup: true,
    cwd,
    detached: isBound,
    env: { ...env(mark) },
    extendEnv: false,
    forceKillAfterDelay: false,
    reject: false,
    stdin: 'pipe',
  });
  const release = child.pid === undefined ? noop : guardAtHostExit({ pid: child.pid, mark });
  const stderr = textTail(STDERR_TAIL_BYTES);
  const lines = splitLines({
    onLine: (line) => onLine(parseLine(line)),
    onDropped: (bytes) => onLine(malformed(`(a line of ${bytes} bytes)`)),
  });
  child.stdin.on('error', noop);
  child.stdout.on('error', noop).on('data', lines.push);
  child.stderr.on('error', noop).on('data', stderr.push);
  const drained = Promise.all([once(child.stdout, 'close'), once(child.stderr, 'close')]);
  let descendants: readonly ProcessIdentity[] = [];

  const ended = endOf(child);

  async function settled(): Promise<SessionExit> {
    const { exit, problem } = await ended;
    if (child.pid !== undefined) await sweep({ mark, known: descendants });
    release();
    // A descendant that could not be killed may hold the pipes open.
    await within(drained, DRAIN_MS);
    lines.end();
    child.stdout.destroy();
    child.stderr.destroy();
    return { ...exit, stderrTail: stderr.text() || problem };
  }

  return {
    pid: child.pid,
    exited: settled(),
    ended: ended.then(noop),
    send: (message) => void child.stdin.write(`${JSON.stringify(message)}\n`),
    endInput: () => void child.stdin.end(),
    kill: (signal) => void child.kill(signal),
    async survey() {
      if (child.pid !== undefined) descendants = await processTree(child.pid);
    },
    stderrTail: stderr.text,
  };
}

interface ProcessEnd {
  readonly exit: ProcessExit;
  /** Why it could not be started. */
  readonly problem: string;
}

interface Child extends PromiseLike<{ readonly originalMessage?: string | undefined }> {
  once(event: 'exit', listener: (code: number | null, signal: string | null) => void): unknown;
}

/** The event comes as soon as the process is gone; the promise waits for its pipes, but also tells of a failed start. */
async function endOf(child: Child): Promise<ProcessEnd> {
  return new Promise((resolve) => {
    child.once('exit', (code, signal) => {
      resolve({ exit: { ...(code !== null && { code }), ...(signal !== null && { signal }) }, problem: '' });
    });
    void child.then(({ originalMessage = '' }) => resolve({ exit: {}, problem: originalMessage }));
  });
}

function noop(): void {}
