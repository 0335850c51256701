import type { SessionLaunch } from '../ports.ts';
import { unnamedFile } from './unnamed-file.ts';

export interface McpConfig {
  /** What `--mcp-config` is given; undefined without servers. */
  readonly argument: string | undefined;
  /** To be called when the process that was given it has ended. */
  readonly release: () => void;
}

/** Definitions of MCP servers for the CLI. They hold secrets, and a command line can be read by everybody. */
export function mcpConfig(servers: SessionLaunch['mcpServers'] = {}): McpConfig {
  if (Object.keys(servers).length === 0) return { argument: undefined, release: () => undefined };
  const text = JSON.stringify({ mcpServers: servers });
  if (process.platform !== 'linux') return { argument: text, release: () => undefined };
  const { path, close } = unnamedFile(text);
  return { argument: path, release: close };
}
