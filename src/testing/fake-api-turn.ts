import type { ContentBlock, ConversationMessage } from './fake-api-request.ts';

/** Blocks that the CLI adds on its own. Rules do not see them. */
const ownElements = [
  'system-reminder',
  'local-command-caveat',
  'local-command-stdout',
  'local-command-stderr',
  'command-name',
  'command-message',
  'command-args',
];
const interruptions = ['[Request interrupted by user]', '[Request interrupted by user for tool use]'];

/** Where in a conversation a request stands. */
export interface TurnPosition {
  /** Text of the latest user prompt. Its blocks are joined by newlines. */
  readonly prompt: string;
  /** Requests of this turn that the model has answered already. */
  readonly step: number;
  /** Differs between two turns of one conversation, and stays while a turn goes on. */
  readonly place: string;
}

/** Finds the latest prompt of the user, and how far its turn has come. */
export function turnPosition(messages: readonly ConversationMessage[]): TurnPosition {
  const index = messages.findLastIndex((message) => promptTexts(message).length > 0);
  const texts = messages.slice(0, index + 1).flatMap(promptTexts);
  const prompt = index === -1 ? '' : latestPrompt(messages[index]).join('\n');
  const step = countAssistants(messages.slice(index + 1));
  return { prompt, step, place: `${texts.length}/${countAssistants(messages.slice(0, index + 1))}` };
}

/** After an interrupt the CLI sends the old prompt, a marker and the new prompt as one message. */
function latestPrompt(message: ConversationMessage | undefined): readonly string[] {
  const content = message?.content ?? [];
  const marker = content.findLastIndex(
    ({ text }) => text !== undefined && interruptions.includes(text.trim()),
  );
  const latest = content.slice(marker + 1).flatMap(promptText);
  return latest.length > 0 ? latest : content.flatMap(promptText);
}

function promptTexts({ role, content }: ConversationMessage): readonly string[] {
  return role === 'user' ? content.flatMap(promptText) : [];
}

function promptText({ type, text }: ContentBlock): readonly string[] {
  if (type !== 'text' || text === undefined) return [];
  const own = withoutOwnElements(text);
  return own === '' || interruptions.includes(own) ? [] : [own];
}

function withoutOwnElements(text: string): string {
  let rest = text.trim();
  for (let name = ownElementAt(rest); name !== undefined; name = ownElementAt(rest)) {
    const end = rest.indexOf(`</${name}>`);
    rest = end === -1 ? '' : rest.slice(end + name.length + 3).trim();
  }
  return rest;
}

function ownElementAt(text: string): string | undefined {
  return ownElements.find((name) => text.startsWith(`<${name}>`));
}

function countAssistants(messages: readonly ConversationMessage[]): number {
  return messages.filter(({ role }) => role === 'assistant').length;
}
