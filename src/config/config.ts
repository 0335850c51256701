import type { PoolOptions } from '../api.ts';

/** What files and the environment can set: the options of a pool that are data, and those of the commands. */
export interface Config extends Omit<PoolOptions, 'driver' | 'inspect'> {
  /** How long running tasks may go on when a command ends its pool, in milliseconds. @default 0 */
  readonly drainTimeoutMs?: number;
  readonly mcp?: McpConfig;
}

/** What `claude-pool mcp` offers, and to whom. */
export interface McpConfig {
  /** @default 'core' */
  readonly tools?: 'core' | 'all';
  /** Who may approve results that wait for review. @default 'human' */
  readonly approvals?: 'human' | 'agent';
  /** Longest that a call waits for work, in milliseconds. @default 50000 */
  readonly maxWaitMs?: number;
  /** Whether the agent may give tasks MCP servers, and so start programs. @default false */
  readonly allowMcpServers?: boolean;
  /** Whether it serves streamable HTTP instead of stdin. @default false */
  readonly http?: boolean;
  /** Port of HTTP. @default 3100 */
  readonly port?: number;
  /** File with the bearer token of HTTP. @default '~/.claude-pool/mcp-token' */
  readonly tokenFile?: string;
}
