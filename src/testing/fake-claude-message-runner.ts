import { runCommand } from './fake-claude-command.ts';
import { beginning, storePrompt } from './fake-claude-conversations.ts';
import { playLateFault } from './fake-claude-fault.ts';
import { journal } from './fake-claude-journal.ts';
import { sayInit, sayLifecycle } from './fake-claude-lines.ts';
import { scriptPlays } from './fake-claude-play.ts';
import type { FakeProcess } from './fake-claude-process.ts';
import { printResult } from './fake-claude-result.ts';
import type { TurnEnd } from './fake-claude-result.ts';
import { beginTurn } from './fake-claude-turn-state.ts';
import type { FakeTurn } from './fake-claude-turn-state.ts';
import { playTurn } from './fake-claude-turn.ts';

/** A message of the user, or several that were merged. */
export interface HeardMessage {
  readonly prompt: string;
  readonly uuids: readonly string[];
}

/** Runs messages to their results. */
export interface MessageRunner {
  run(message: HeardMessage, signal: AbortSignal): Promise<void>;
  /** With which code a process ends whose last result was this one's. */
  readonly exitCode: () => number;
}

/** Runs a message as a command or as a turn, and prints its result. */
export function messageRunner(claude: FakeProcess): MessageRunner {
  const plays = scriptPlays(claude.settings);
  let isLastAnError = false;
  let results = 0;

  async function endOf(
    { prompt, uuids }: HeardMessage,
    signal: AbortSignal,
  ): Promise<{ end: TurnEnd; turn?: FakeTurn }> {
    const local = runCommand(claude, { prompt, uuids });
    if (local !== undefined) return { end: local };
    sayInit(claude);
    const heard = { prompt: prompt.trim(), uuid: uuids.at(-1) ?? '' };
    rememberPrompt(claude, heard);
    const turn = beginTurn({ ...heard, signal, play: plays(heard.prompt) });
    return { end: await playTurn(claude, turn), turn };
  }

  return {
    async run(message, signal) {
      const startedAt = Date.now();
      sayLifecycle(claude, message.uuids, 'started');
      const { end, turn } = await endOf(message, signal);
      isLastAnError = end.isError;
      printResult(claude, end, { uuids: message.uuids, index: results, startedAt });
      results += 1;
      if (turn?.lateFault !== undefined) await playLateFault(turn.lateFault);
      sayLifecycle(claude, message.uuids, signal.aborted ? 'cancelled' : 'completed');
    },
    exitCode: () => (isLastAnError ? 1 : 0),
  };
}

function rememberPrompt(claude: FakeProcess, { prompt, uuid }: { prompt: string; uuid: string }): void {
  const { conversation, options } = claude;
  const remembered = conversation.prompts;
  if (options.persistent) storePrompt(conversation.sessionId, prompt);
  journal(claude, { type: 'prompt', uuid, prompt, model: conversation.model, remembered });
  conversation.prompts = [...remembered, beginning(prompt)];
}
