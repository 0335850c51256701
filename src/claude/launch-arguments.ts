import type { SessionLaunch } from '../ports.ts';

const PROTOCOL = [
  '--print',
  '--input-format',
  'stream-json',
  '--output-format',
  'stream-json',
  '--verbose',
  '--include-partial-messages',
];

/** Tools that reach other sessions or start turns of their own. */
const NEVER = ['ListAgents', 'SendMessage', 'ScheduleWakeup', 'CronCreate', 'Monitor', 'Workflow'];

/** What stands on the command line besides the launch. */
export interface LaunchDetails {
  /** Id of the conversation that begins with the session. */
  readonly newSessionId?: string | undefined;
  /** Where the launch's MCP servers are defined. */
  readonly mcpConfig?: string | undefined;
}

/** The command line of one session. All of it is fixed for the life of the process; prompts go over stdin only. */
export function launchArguments(
  launch: SessionLaunch,
  { newSessionId, mcpConfig }: LaunchDetails = {},
): string[] {
  return [
    ...PROTOCOL,
    ...option('--model', launch.model),
    ...option('--effort', launch.effort),
    ...option('--permission-mode', launch.permissionMode),
    ...option('--system-prompt', launch.systemPrompt),
    ...option('--append-system-prompt', launch.appendSystemPrompt),
    ...option('--max-turns', launch.maxTurns),
    ...option('--json-schema', launch.jsonSchema && JSON.stringify(launch.jsonSchema)),
    ...option('--tools', launch.tools?.join(',')),
    ...option('--allowedTools', listOf(launch.allowedTools)),
    ...option('--disallowedTools', listOf([...NEVER, ...(launch.disallowedTools ?? [])])),
    '--strict-mcp-config',
    ...option('--mcp-config', mcpConfig),
    ...resumeArguments(launch.resume),
    ...option('--session-id', newSessionId),
  ];
}

function resumeArguments(resume: SessionLaunch['resume']): string[] {
  if (resume === undefined) return [];
  return [...option('--resume', resume.sessionId), ...(resume.fork ? ['--fork-session'] : [])];
}

function listOf(tools: readonly string[] | undefined): string | undefined {
  return tools === undefined || tools.length === 0 ? undefined : tools.join(',');
}

function option(name: string, value: string | number | undefined): string[] {
  return value === undefined ? [] : [name, String(value)];
}
