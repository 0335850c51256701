import { expect, test } from 'vitest';
import { sessionEnvironment } from '../../src/claude/environment.ts';
import { isSubscription, needsLogin, versionOf } from '../../src/claude/greeting.ts';
import { launchArguments } from '../../src/claude/launch-arguments.ts';
import { parseClaudeOptions } from '../../src/claude/options.ts';
import { promptMessage } from '../../src/claude/prompt-message.ts';
import { settingsFor, settingsRequest } from '../../src/claude/turn-settings.ts';
import { isOlder } from '../../src/claude/version.ts';

const protocol = words(`
  --print --input-format stream-json --output-format stream-json --verbose --include-partial-messages
`);
const never = 'ListAgents,SendMessage,ScheduleWakeup,CronCreate,Monitor,Workflow';

test('a bare launch speaks the protocol, knows no peers and no MCP servers of the user', () => {
  expect(launchArguments({ slotId: 'slot-0' })).toEqual([
    ...protocol,
    ...words(`--disallowedTools ${never} --strict-mcp-config`),
  ]);
});

test('every setting of a launch is an argument', () => {
  const launch = {
    slotId: 'slot-0',
    model: 'claude-opus-4-8',
    effort: 'high',
    permissionMode: 'plan',
    systemPrompt: 'You are terse.',
    appendSystemPrompt: '-- and kind',
    maxTurns: 3,
    tools: ['Bash', 'Read'],
    allowedTools: ['Bash(git log:*)', 'Read'],
    disallowedTools: ['WebFetch'],
    jsonSchema: { type: 'object' },
    resume: { sessionId: '1f0e', fork: true },
  } as const;

  const args = launchArguments(launch, { mcpConfig: '/proc/7/fd/20', newSessionId: '2a1f' });

  expect(args.slice(protocol.length)).toEqual([
    ...words('--model claude-opus-4-8 --effort high --permission-mode plan'),
    '--system-prompt',
    'You are terse.',
    '--append-system-prompt',
    '-- and kind',
    ...words('--max-turns 3 --json-schema {"type":"object"} --tools Bash,Read'),
    '--allowedTools',
    'Bash(git log:*),Read',
    ...words(`--disallowedTools ${never},WebFetch --strict-mcp-config`),
    ...words('--mcp-config /proc/7/fd/20 --resume 1f0e --fork-session --session-id 2a1f'),
  ]);
});

test('an empty list of tools means none, an empty list of rules means nothing', () => {
  const args = launchArguments({ slotId: 'slot-0', tools: [], allowedTools: [], mcpServers: {} });

  expect(args.slice(protocol.length)).toEqual([
    '--tools',
    '',
    ...words(`--disallowedTools ${never} --strict-mcp-config`),
  ]);
});

test('a session gets what is on the list, and nothing of a Claude that the host runs in', () => {
  const allowed = named(
    'PATH HOME LC_ALL XDG_RUNTIME_DIR HTTPS_PROXY GIT_DIR ANTHROPIC_API_KEY AWS_PROFILE SSH_AUTH_SOCK',
    'CLAUDE_CODE_USE_BEDROCK CLAUDE_CODE_OAUTH_TOKEN CLAUDE_CONFIG_DIR NODE_EXTRA_CA_CERTS TZ TMPDIR',
  );
  const refused = named(
    'CLAUDECODE CLAUDE_CODE_SESSION_ID CLAUDE_CODE_CHILD_SESSION CLAUDE_PID CLAUDE_EFFORT AI_AGENT',
    'CLAUDE_CODE_ENTRYPOINT CLAUDE_CODE_EFFORT_LEVEL NODE_OPTIONS DATABASE_URL CLAUDE_POOL_MARK',
  );

  const environment = sessionEnvironment({
    host: { ...allowed, ...refused },
    extra: {},
    mark: 'm',
    slotId: 'slot-0',
  });

  expect(environment).toEqual({
    ...allowed,
    CLAUDE_CODE_MAX_RETRIES: '2',
    API_TIMEOUT_MS: '300000',
    CLAUDE_CODE_DISABLE_BACKGROUND_TASKS: '1',
    CLAUDE_CODE_DISABLE_CRON: '1',
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
    CLAUDE_CODE_EAGER_FLUSH: '1',
    DISABLE_AUTOUPDATER: '1',
    DISABLE_ERROR_REPORTING: '1',
    DISABLE_TELEMETRY: '1',
    CLAUDE_POOL_MARK: 'm',
    CLAUDE_POOL_SLOT: 'slot-0',
  });
});

test('what the caller adds to the environment wins, and `undefined` takes a variable away', () => {
  const extra = { HOME: undefined, API_TIMEOUT_MS: '9', DATABASE_URL: 'mine', CLAUDE_POOL_MARK: 'forged' };

  const environment = sessionEnvironment({ host: { HOME: '/home/me' }, extra, mark: 'm', slotId: 'slot-0' });

  expect(environment).toMatchObject({ API_TIMEOUT_MS: '9', DATABASE_URL: 'mine', CLAUDE_POOL_MARK: 'm' });
  expect(environment).not.toHaveProperty('HOME');
});

test('a prompt is never a command', () => {
  const contents = ['/clear', ' /clear', 'clear'].map((prompt) => promptMessage(prompt, 'u'));

  expect(contents).toEqual(
    ['\n/clear', ' /clear', 'clear'].map((content) => ({
      type: 'user',
      message: { role: 'user', content },
      uuid: 'u',
    })),
  );
});

test('settings are changed for a turn that asks, and set back for the next', () => {
  const launch = { slotId: 'slot-0', model: 'opus' };
  const base = settingsFor(launch, { prompt: 'x' });
  const own = settingsFor(launch, { prompt: 'x', model: 'haiku', effort: 'low' });

  expect(settingsRequest(base, base)).toBeUndefined();
  expect(settingsRequest(base, own)).toMatchObject({ settings: { model: 'haiku', effortLevel: 'low' } });
  expect(settingsRequest(own, base)).toMatchObject({ settings: { model: 'opus', effortLevel: null } });
});

test('versions are compared by number', () => {
  const answers = ['2.1.197', '2.1.1000', '2.2.0', '3.0.0', '2.1.196', '2.0.999', '1.9.9'].map((version) =>
    isOlder(version, '2.1.197'),
  );

  expect(answers).toEqual([false, false, false, false, true, true, true]);
  expect(versionOf({ version: '2.1.330 (Claude Code)' })).toBe('2.1.330');
});

test('no credentials at all need a login; a key, a token or a cloud do not', () => {
  const accounts = [
    { tokenSource: 'none', apiProvider: 'firstParty' },
    { tokenSource: 'none', apiKeySource: 'ANTHROPIC_API_KEY', apiProvider: 'firstParty' },
    { tokenSource: 'CLAUDE_CODE_OAUTH_TOKEN', apiProvider: 'firstParty' },
    { apiProvider: 'bedrock' },
    {},
  ];

  expect(accounts.map(needsLogin)).toEqual([true, false, false, false, false]);
  expect(accounts.map(isSubscription)).toEqual([false, false, true, false, false]);
});

test('options that make no sense are refused with their names', () => {
  const options = [{ readyTimeoutMs: 0 }, { command: '' }, { env: { A: 'b' }, comand: 'claude' }];

  const messages = options.map((option) => {
    try {
      return parseClaudeOptions(option).command;
    } catch (error) {
      return String(error);
    }
  });

  expect(messages).toEqual([
    expect.stringContaining('`claude.readyTimeoutMs`'),
    expect.stringContaining('`claude.command`'),
    expect.stringContaining('comand'),
  ]);
});

function words(text: string): string[] {
  return text.trim().split(/\s+/);
}

function named(...names: readonly string[]): Record<string, string> {
  return Object.fromEntries(words(names.join(' ')).map((name) => [name, `value of ${name}`]));
}
