import { runBash } from './fake-claude-bash.ts';
import { sayUser } from './fake-claude-lines.ts';
import { say } from './fake-claude-process.ts';
import type { FakeProcess } from './fake-claude-process.ts';

const needsPermission = ['Edit', 'NotebookEdit', 'WebFetch', 'Write'];
const edits = ['Edit', 'NotebookEdit', 'Write'];

/** A tool that the model asks for. */
export interface ToolRequest {
  readonly id: string;
  readonly name: string;
  readonly input: object;
}

interface ToolAnswer {
  readonly content: string;
  readonly isError: boolean;
}

/** Runs a tool and says what came of it. Resolves with the denial when it was denied. */
export async function useTool(
  claude: FakeProcess,
  { request, signal }: { request: ToolRequest; signal: AbortSignal },
): Promise<object | undefined> {
  if (isMissing(claude, request.name)) {
    const text = `Error: No such tool available: ${request.name}. ${request.name} exists but is not enabled in this context.`;
    sayToolResult(claude, request, { content: `<tool_use_error>${text}</tool_use_error>`, isError: true });
    return undefined;
  }
  if (isDenied(claude, request.name)) return deny(claude, request);
  sayToolResult(claude, request, await runTool(claude, { request, signal }));
  return undefined;
}

async function runTool(
  { conversation }: FakeProcess,
  { request, signal }: { request: ToolRequest; signal: AbortSignal },
): Promise<ToolAnswer> {
  if (request.name !== 'Bash') return { content: 'ok', isError: false };
  const command = 'command' in request.input ? String(request.input.command) : '';
  const { output, exitCode } = await runBash(command, { sessionId: conversation.sessionId, signal });
  if (exitCode === 0) return { content: output, isError: false };
  return { content: `Exit code ${exitCode ?? 'unknown'}\n${output}`, isError: true };
}

function isMissing({ options }: FakeProcess, name: string): boolean {
  if (name.startsWith('mcp__')) return false;
  return options.disallowedTools.includes(name) || options.tools?.includes(name) === false;
}

function isDenied({ options, conversation }: FakeProcess, name: string): boolean {
  if (options.allowedTools.some((rule) => name === rule || name.startsWith(`${rule}__`))) return false;
  if (['bypassPermissions', 'auto'].includes(conversation.permissionMode)) return false;
  if (conversation.permissionMode === 'acceptEdits' && edits.includes(name)) return false;
  return needsPermission.includes(name) || name.startsWith('mcp__');
}

function deny(claude: FakeProcess, request: ToolRequest): object {
  const content = `Claude requested permissions to use ${request.name}, but you haven't granted it yet.`;
  if (!claude.isOld) {
    say(claude, {
      type: 'system',
      subtype: 'permission_denied',
      tool_name: request.name,
      tool_use_id: request.id,
      message: content,
    });
  }
  sayToolResult(claude, request, { content, isError: true });
  return { tool_name: request.name, tool_use_id: request.id, tool_input: request.input };
}

function sayToolResult(claude: FakeProcess, { id }: ToolRequest, { content, isError }: ToolAnswer): void {
  sayUser(
    claude,
    { tool_use_id: id, type: 'tool_result', content, is_error: isError },
    {
      tool_use_result: isError
        ? content
        : { stdout: content, stderr: '', interrupted: false, isImage: false },
    },
  );
}
