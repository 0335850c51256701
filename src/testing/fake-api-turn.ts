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
/** How messages begin by which the CLI makes the model go on. They start no turn. */
const ownWords = [
  'Output token limit hit',
  'Your response above was stopped by a safety classifier',
  '[structured-output-enforce]',
];
const interruptions = ['[Request interrupted by user]', '[Request interrupted by user for tool use]'];

/** Where in a conversation a request stands. */
export interface TurnPosition {
  /** Text blocks of the latest user message that has any. */
  readonly texts: readonly string[];
  /** Answers of the model before that message. */
  readonly before: number;
  /** Answers of the model after that message. */
  readonly step: number;
}

/** Finds the latest prompt of the user, and how far its turn has come. */
export function turnPosition(messages: readonly ConversationMessage[]): TurnPosition {
  const index = messages.findLastIndex(
    ({ role, content }) => role === 'user' && promptTexts(content).length > 0,
  );
  return {
    texts: promptTexts(afterInterruption(messages[index]?.content ?? [])),
    before: countAnswers(messages.slice(0, index + 1)),
    step: countAnswers(messages.slice(index + 1)),
  };
}

/** An interrupted prompt stays in front of the next one, in the same message. */
function afterInterruption(content: readonly ContentBlock[]): readonly ContentBlock[] {
  const marker = content.findLastIndex(({ text }) => text !== undefined && isInterruption(text));
  const rest = content.slice(marker + 1);
  return promptTexts(rest).length === 0 ? content : rest;
}

function promptTexts(content: readonly ContentBlock[]): readonly string[] {
  return content
    .map(({ type, text }) => (type === 'text' && text !== undefined ? withoutOwnElements(text) : ''))
    .filter((text) => text !== '' && !isInterruption(text) && !isOwn(text));
}

function isOwn(text: string): boolean {
  return ownWords.some((words) => text.startsWith(words));
}

function isInterruption(text: string): boolean {
  return interruptions.includes(text.trim());
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

function countAnswers(messages: readonly ConversationMessage[]): number {
  return messages.filter(({ role }) => role === 'assistant').length;
}
