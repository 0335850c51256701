import { killBash } from './fake-claude-bash.ts';
import { runCommand } from './fake-claude-command.ts';
import { beginning, storeCost, storeLines } from './fake-claude-conversations.ts';
import type { ControlEffects } from './fake-claude-control.ts';
import { playLateFault } from './fake-claude-fault.ts';
import { journal } from './fake-claude-journal.ts';
import { sayInit, sayLifecycle } from './fake-claude-lines.ts';
import { scriptPlays } from './fake-claude-play.ts';
import type { FakeProcess } from './fake-claude-process.ts';
import { printResult } from './fake-claude-result.ts';
import type { TurnEnd } from './fake-claude-result.ts';
import { playTurn } from './fake-claude-turn.ts';
import { beginTurn } from './fake-claude-turn-state.ts';
import type { FakeTurn } from './fake-claude-turn-state.ts';

/** A message that waits for its turn. */
interface Queued {
  readonly prompt: string;
  readonly uuids: readonly string[];
}

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
  const plays = scriptPlays(claude.settings);
  const seen = new Set<string>();
  let queue: readonly Queued[] = [];
  let running: AbortController | undefined;
  let leaveWith: number | undefined;
  let isLastAnError = false;
  let results = 0;

  async function runQueue(): Promise<void> {
    while (queue.length > 0) {
      const merged = mergeQueued(queue);
      queue = [];
      running = new AbortController();
      await runMessage(merged, running.signal);
      running = undefined;
      if (leaveWith !== undefined) leave(leaveWith === 0 && isLastAnError ? 1 : leaveWith);
    }
  }

  async function runMessage({ prompt, uuids }: Queued, signal: AbortSignal): Promise<void> {
    const startedAt = Date.now();
    sayLifecycle(claude, uuids, 'started');
    const { end, turn } = await endOf({ prompt, uuids }, signal);
    isLastAnError = end.isError;
    printResult(claude, end, { uuids, index: results, startedAt });
    results += 1;
    if (turn?.lateFault !== undefined) await playLateFault(turn.lateFault);
    sayLifecycle(claude, uuids, signal.aborted ? 'cancelled' : 'completed');
  }

  async function endOf(
    { prompt, uuids }: Queued,
    signal: AbortSignal,
  ): Promise<{ end: TurnEnd; turn?: FakeTurn }> {
    const local = runCommand(claude, { prompt, uuids });
    if (local !== undefined) return { end: local };
    sayInit(claude);
    const text = prompt.trim();
    const uuid = uuids.at(-1) ?? '';
    rememberPrompt(claude, { prompt: text, uuid });
    const turn = beginTurn({ prompt: text, uuid, signal, play: plays(text) });
    return { end: await playTurn(claude, turn), turn };
  }

  function leave(exitCode: number): never {
    storeCost(claude);
    process.exit(exitCode);
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
      if (running === undefined) leave(isLastAnError ? 1 : 0);
      leaveWith = 0;
    },
    end: () => leave(0),
    terminate(exitCode) {
      if (!claude.isOld) killBash();
      leave(exitCode);
    },
    interruptAndLeave() {
      if (running === undefined) leave(0);
      leaveWith = 0;
      running.abort();
    },
  };
}

function mergeQueued(queue: readonly Queued[]): Queued {
  return {
    prompt: queue.map(({ prompt }) => prompt).join('\n'),
    uuids: queue.flatMap(({ uuids }) => uuids),
  };
}

function rememberPrompt(claude: FakeProcess, { prompt, uuid }: { prompt: string; uuid: string }): void {
  const { conversation, options } = claude;
  const remembered = conversation.prompts;
  journal(claude, { type: 'prompt', uuid, prompt, model: conversation.model, remembered });
  conversation.prompts = [...remembered, beginning(prompt)];
  if (options.persistent) storeLines(conversation.sessionId, [{ type: 'user', text: beginning(prompt) }]);
}
