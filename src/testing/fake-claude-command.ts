import { randomUUID } from 'node:crypto';
import { storeCost } from './fake-claude-conversations.ts';
import { sayInit, saySynthetic } from './fake-claude-lines.ts';
import { print } from './fake-claude-process.ts';
import type { FakeProcess } from './fake-claude-process.ts';
import type { TurnEnd } from './fake-claude-result.ts';
import { noTokens } from './fake-claude-tokens.ts';

const localCommands = ['/compact', '/context', '/cost'];

/** Runs a prompt that is a command, without a request to the API. Any other prompt is left alone. */
export function runCommand(
  claude: FakeProcess,
  { prompt, uuids }: { prompt: string; uuids: readonly string[] },
): TurnEnd | undefined {
  if (!prompt.startsWith('/')) return undefined;
  if (/^\/clear\b/.test(prompt)) return clear(claude, uuids);
  const text = localAnswer(claude, prompt);
  return text === undefined ? undefined : localEnd(claude, text);
}

function clear(claude: FakeProcess, uuids: readonly string[]): TurnEnd {
  const { conversation, ledger, isOld } = claude;
  const sessionId = randomUUID();
  if (!isOld) {
    storeCost(claude);
    ledger.restart();
    print({
      type: 'conversation_reset',
      new_conversation_id: randomUUID(),
      trigger: 'clear',
      user_message_uuid: uuids.at(-1),
      session_id: conversation.sessionId,
    });
  }
  conversation.sessionId = sessionId;
  conversation.prompts = [];
  return isOld ? localEnd(claude, '') : { ...emptyEnd(), fields: { local_command: 'clear' } };
}

function localAnswer({ isOld, settings }: FakeProcess, prompt: string): string | undefined {
  const [command = ''] = prompt.split(/\s/);
  if (localCommands.includes(command)) return `${command.slice(1)} of the fake Claude ${settings.version}`;
  return isOld ? `Unknown command: ${command}` : undefined;
}

function localEnd(claude: FakeProcess, text: string): TurnEnd {
  sayInit(claude);
  saySynthetic(claude, text === '' ? '(no content)' : text);
  return { ...emptyEnd(), text };
}

function emptyEnd(): TurnEnd {
  return {
    subtype: 'success',
    isError: false,
    text: '',
    stopReason: null,
    turns: 0,
    tokens: noTokens,
    denials: [],
  };
}
