import { killBash } from './fake-claude-bash.ts';
import { storeCost } from './fake-claude-conversations.ts';
import type { ControlEffects } from './fake-claude-control.ts';
import { messageRunner } from './fake-claude-message-runner.ts';
import type { HeardMessage } from './fake-claude-message-runner.ts';
import { sayLifecycle } from './fake-claude-lines.ts';
import type { FakeProcess } from './fake-claude-process.ts';

/** The process from its first prompt to its end. */
export interface FakeSession extends ControlEffects {
  hear(message: { readonly prompt: string; readonly uuid: string | undefined }): void;
  /** No more input comes: finish the turn, then leave. */
  finish(): void;
  /** SIGTERM and SIGHUP. */
  terminate(exitCode: number): void;
  /** SIGINT. */
  interruptAndLeave(): void;
}

/** Runs turns one after the other. Messages that come in during a turn are merged into one, as the CLI does. */
export function fakeSession(claude: FakeProcess): FakeSession {
  const runner = messageRunner(claude);
  const seen = new Set<string>();
  let queue: readonly HeardMessage[] = [];
  let running: AbortController | undefined;
  let leaveWith: (() => number) | undefined;

  async function runQueue(): Promise<void> {
    while (queue.length > 0) {
      const merged = mergeMessages(queue);
      queue = [];
      running = new AbortController();
      await runner.run(merged, running.signal);
      running = undefined;
      if (leaveWith !== undefined) leave(claude, leaveWith());
    }
  }

  function abortAndLeave(exitCode: () => number): void {
    if (running === undefined) leave(claude, 0);
    leaveWith = exitCode;
    running.abort();
  }

  return {
    hear({ prompt, uuid }) {
      if (uuid !== undefined && seen.has(uuid)) return;
      if (uuid !== undefined) seen.add(uuid);
      const uuids = uuid === undefined ? [] : [uuid];
      sayLifecycle(claude, uuids, 'queued');
      queue = [...queue, { prompt, uuids }];
      if (running === undefined) void runQueue();
    },
    interrupt: () => running?.abort(),
    finish() {
      leaveWith = runner.exitCode;
      if (running === undefined) leave(claude, runner.exitCode());
    },
    end: () => abortAndLeave(runner.exitCode),
    terminate(exitCode) {
      if (!claude.isOld) killBash();
      leave(claude, exitCode);
    },
    interruptAndLeave: () => abortAndLeave(() => 0),
  };
}

function mergeMessages(messages: readonly HeardMessage[]): HeardMessage {
  return {
    prompt: messages.map(({ prompt }) => prompt).join('\n'),
    uuids: messages.flatMap(({ uuids }) => uuids),
  };
}

function leave(claude: FakeProcess, exitCode: number): never {
  storeCost(claude);
  process.exit(exitCode);
}
