import { randomUUID } from 'node:crypto';
import type { ModelAnswer } from './fake-api-message.ts';
import { say } from './fake-claude-process.ts';
import type { FakeProcess } from './fake-claude-process.ts';

const builtinTools = ['Bash', 'Edit', 'Glob', 'Grep', 'Read', 'WebFetch', 'Write'];

/** Says that a turn begins. */
export function sayInit(claude: FakeProcess): void {
  const { options, settings, conversation } = claude;
  say(claude, {
    type: 'system',
    subtype: 'init',
    cwd: process.cwd(),
    tools: (options.tools ?? builtinTools).filter((tool) => !options.disallowedTools.includes(tool)),
    mcp_servers: options.mcpServers.map((name) => ({ name, status: 'connected' })),
    model: conversation.model,
    permissionMode: conversation.permissionMode,
    slash_commands: ['clear', 'compact', 'context', 'cost'],
    apiKeySource: 'ANTHROPIC_API_KEY',
    claude_code_version: settings.version,
    output_style: 'default',
    agents: [],
    skills: [],
    plugins: [],
  });
}

/** Says that a request goes to the API. */
export function sayRequesting(claude: FakeProcess): void {
  say(claude, { type: 'system', subtype: 'status', status: 'requesting' });
}

/** Passes on one event of the stream, when partial messages were asked for. */
export function sayStreamEvent(claude: FakeProcess, event: object): void {
  if (!claude.options.partialMessages) return;
  say(claude, { type: 'stream_event', event, parent_tool_use_id: null });
}

/** Says one content block of an answer. Its usage is that of `message_start`, not the final one. */
export function sayAssistant(claude: FakeProcess, answer: ModelAnswer, block: object): void {
  say(claude, {
    type: 'assistant',
    message: {
      id: answer.id,
      type: 'message',
      role: 'assistant',
      model: answer.model,
      content: [block],
      stop_reason: null,
      stop_sequence: null,
      usage: {
        input_tokens: answer.tokens.inputTokens,
        cache_creation_input_tokens: answer.tokens.cacheWriteTokens,
        cache_read_input_tokens: answer.tokens.cacheReadTokens,
        output_tokens: 1,
      },
    },
    parent_tool_use_id: null,
  });
}

/** Says something that no model has said. */
export function saySynthetic(claude: FakeProcess, text: string, fields: object = {}): void {
  say(claude, {
    type: 'assistant',
    message: {
      id: randomUUID(),
      type: 'message',
      role: 'assistant',
      model: '<synthetic>',
      content: [{ type: 'text', text }],
      stop_reason: 'stop_sequence',
      stop_sequence: '',
      usage: {
        input_tokens: 0,
        cache_creation_input_tokens: 0,
        cache_read_input_tokens: 0,
        output_tokens: 0,
      },
    },
    parent_tool_use_id: null,
    ...fields,
  });
}

/** Says what the user's side adds to the conversation. */
export function sayUser(claude: FakeProcess, block: object, fields: object = {}): void {
  say(claude, {
    type: 'user',
    message: { role: 'user', content: [block] },
    parent_tool_use_id: null,
    timestamp: new Date().toISOString(),
    ...fields,
  });
}

/** Tells the newest version's story of a message that came with a `uuid`. */
export function sayLifecycle(claude: FakeProcess, uuids: readonly string[], state: string): void {
  if (claude.isOld) return;
  for (const uuid of uuids) say(claude, { type: 'command_lifecycle', command_uuid: uuid, state });
}
