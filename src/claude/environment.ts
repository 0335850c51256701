import { SESSION_MARK } from '../processes/session-mark.ts';

/** Tells a session's processes which slot they work for. */
export const SLOT_MARK = 'CLAUDE_POOL_SLOT';

type Environment = Readonly<Record<string, string | undefined>>;

const ALLOWED = new RegExp(
  `^(?:${[
    'PATH|HOME|USER|LOGNAME|SHELL|LANG|LANGUAGE|TERM|COLORTERM|TMPDIR|TMP|TEMP|TZ|PWD',
    'LC_.*|XDG_.*|GIT_.*|SSH_AUTH_SOCK|SSH_AGENT_PID|GPG_TTY|GNUPGHOME',
    '(?:HTTPS?|NO|ALL)_PROXY|(?:https?|no|all)_proxy',
    'NODE_EXTRA_CA_CERTS|SSL_CERT_(?:FILE|DIR)',
    'ANTHROPIC_.*|AWS_.*|GOOGLE_.*|CLOUD_ML_.*|CLOUDSDK_.*|GCLOUD_.*|VERTEX_.*|AZURE_.*',
    'CLAUDE_CONFIG_DIR|CLAUDE_CODE_OAUTH_(?:TOKEN|REFRESH_TOKEN|SCOPES|CLIENT_ID)|CLAUDE_CODE_CUSTOM_OAUTH_URL',
    'CLAUDE_CODE_(?:USE|SKIP)_(?:BEDROCK|VERTEX|FOUNDRY|MANTLE|GATEWAY|ANTHROPIC_[A-Z_]+)(?:_AUTH)?',
    'CLAUDE_CODE_API_(?:BASE_URL|KEY_HELPER_TTL_MS)|CLAUDE_CODE_CLIENT_(?:CERT|KEY|KEY_PASSPHRASE)',
    'CLAUDE_CODE_(?:CERT_STORE|EXTRA_BODY|MAX_OUTPUT_TOKENS|MAX_CONTEXT_TOKENS|AUTO_COMPACT_WINDOW)',
    'CLAUDE_CODE_(?:SUBAGENT_MODEL|SHELL|SHELL_PREFIX|TMPDIR|GIT_BASH_PATH|DISABLE_1M_CONTEXT)',
    'CLAUDE_CODE_(?:DISABLE_EXPERIMENTAL_BETAS|SUBPROCESS_ENV_SCRUB|MAX_RETRIES)|API_TIMEOUT_MS',
    'BASH_(?:DEFAULT_TIMEOUT_MS|MAX_TIMEOUT_MS|MAX_OUTPUT_LENGTH)|MAX_THINKING_TOKENS',
    'MCP_(?:TIMEOUT|TOOL_TIMEOUT)|MAX_MCP_OUTPUT_TOKENS|ENABLE_TOOL_SEARCH',
    'ENABLE_PROMPT_CACHING_1H.*|DISABLE_PROMPT_CACHING.*|IS_SANDBOX',
    'SYSTEMROOT|SystemRoot|COMSPEC|ComSpec|PATHEXT|APPDATA|LOCALAPPDATA|USERPROFILE|HOMEDRIVE|HOMEPATH|Path',
  ].join('|')})$`,
);

const DEFAULTS: Environment = { CLAUDE_CODE_MAX_RETRIES: '2', API_TIMEOUT_MS: '300000' };

const FIXED: Environment = {
  CLAUDE_CODE_DISABLE_BACKGROUND_TASKS: '1',
  CLAUDE_CODE_DISABLE_CRON: '1',
  CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
  // Without it a prompt stands in the transcript only a tenth of a second after it was sent to the API.
  CLAUDE_CODE_EAGER_FLUSH: '1',
  DISABLE_AUTOUPDATER: '1',
  DISABLE_ERROR_REPORTING: '1',
  DISABLE_TELEMETRY: '1',
};

export interface SessionEnvironment {
  readonly host: Environment;
  readonly extra: Environment;
  readonly mark: string;
  readonly slotId: string;
}

/** The environment of one session: what the host has and the allow-list knows, then the driver's own, then `extra`. */
export function sessionEnvironment({
  host,
  extra,
  mark,
  slotId,
}: SessionEnvironment): Record<string, string> {
  const marks = { [SESSION_MARK]: mark, [SLOT_MARK]: slotId };
  return definedOf({ ...DEFAULTS, ...allowedOf(host), ...FIXED, ...extra, ...marks });
}

function allowedOf(host: Environment): Environment {
  return Object.fromEntries(Object.entries(host).filter(([name]) => ALLOWED.test(name)));
}

function definedOf(environment: Environment): Record<string, string> {
  return Object.fromEntries(
    Object.entries(environment).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}
