import { print, say } from './fake-claude-process.ts';
import type { FakeProcess } from './fake-claude-process.ts';
import type { FakeAccount } from './fake-claude-version.ts';

const accounts: Readonly<Record<FakeAccount, object>> = {
  apiKey: { tokenSource: 'none', apiKeySource: 'ANTHROPIC_API_KEY', apiProvider: 'firstParty' },
  subscription: { tokenSource: 'CLAUDE_CODE_OAUTH_TOKEN', apiProvider: 'firstParty' },
  none: { tokenSource: 'none', apiProvider: 'firstParty' },
};

/** A control request as it comes in. */
export interface ControlRequest {
  readonly subtype: string;
  readonly model?: string;
  readonly mode?: string;
  readonly settings?: { readonly model?: string };
}

/** What a control request can do to the process. */
export interface ControlEffects {
  interrupt(): void;
  end(): void;
}

type Handler = (claude: FakeProcess, request: ControlRequest) => object | undefined;

const handlers: Readonly<Record<string, Handler>> = {
  initialize: ({ settings }) => ({
    commands: [],
    agents: [],
    output_style: 'default',
    available_output_styles: ['default'],
    models: [],
    account: accounts[settings.account],
    pid: process.pid,
  }),
  interrupt: ({ isOld }) => (isOld ? undefined : { still_queued: [] }),
  get_usage: ({ ledger, startedAt }) => ({
    session: {
      total_cost_usd: ledger.totalUsd(),
      total_api_duration_ms: Date.now() - startedAt,
      total_duration_ms: Date.now() - startedAt,
      total_lines_added: 0,
      total_lines_removed: 0,
      model_usage: ledger.modelUsage(),
    },
    subscription_type: null,
    rate_limits_available: false,
    rate_limits: null,
    behaviors: null,
  }),
  get_session_cost: ({ ledger, isOld }) => ({
    text: `${isOld ? 'Total' : 'Estimated'} cost:        $${ledger.totalUsd().toFixed(4)}\nTotal duration (API):  0s`,
  }),
  get_binary_version: ({ settings }) => ({ version: settings.version, buildTime: '2026-01-01T00:00:00Z' }),
  get_context_usage: ({ conversation }) => ({
    categories: [],
    totalTokens: 1000 + 100 * conversation.prompts.length,
    maxTokens: 200_000,
    rawMaxTokens: 200_000,
    percentage: 1,
  }),
  set_model: setModel,
  set_permission_mode: setPermissionMode,
  apply_flag_settings({ conversation }, { settings }) {
    conversation.model = settings?.model ?? conversation.model;
    return undefined;
  },
  stop_task: () => ({}),
  mcp_status: () => ({ mcpServers: [] }),
  end_session: () => undefined,
};

/** Answers a control request, and then does what it asks. */
export function answerControl(
  claude: FakeProcess,
  { id, request }: { id: string; request: ControlRequest },
  effects: ControlEffects,
): void {
  const handler = Object.hasOwn(handlers, request.subtype) ? handlers[request.subtype] : undefined;
  if (handler === undefined) return refuse(claude, id, request);
  const response = handler(claude, request);
  respond({ subtype: 'success', request_id: id, ...(response === undefined ? {} : { response }) });
  if (request.subtype === 'interrupt') effects.interrupt();
  if (request.subtype === 'end_session') effects.end();
}

function setModel(
  claude: FakeProcess,
  { model = claude.conversation.model }: ControlRequest,
): object | undefined {
  claude.conversation.model = model;
  const content = `<local-command-stdout>Set model to ${model}</local-command-stdout>`;
  say(claude, { type: 'user', message: { role: 'user', content }, parent_tool_use_id: null, isReplay: true });
  return claude.isOld ? undefined : { model };
}

function setPermissionMode(claude: FakeProcess, { mode = 'default' }: ControlRequest): object {
  claude.conversation.permissionMode = mode;
  say(claude, { type: 'system', subtype: 'status', status: null, permissionMode: mode });
  return { mode };
}

function refuse(claude: FakeProcess, id: string, { subtype }: ControlRequest): void {
  const error = `Unsupported control request subtype: ${subtype}`;
  respond({
    subtype: 'error',
    request_id: id,
    error,
    ...(claude.isOld ? {} : { error_code: 'unsupported_request' }),
  });
}

function respond(response: object): void {
  print({ type: 'control_response', response });
}
