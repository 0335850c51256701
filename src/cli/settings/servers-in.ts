import { readFileSync } from 'node:fs';
import { InvalidArgumentError } from 'commander';

/** The MCP servers of a file in the form of Claude's `--mcp-config`. */
export function serversIn(file: string): Readonly<Record<string, unknown>> {
  const config = readConfig(file);
  if (typeof config === 'object' && config !== null && 'mcpServers' in config) {
    const { mcpServers } = config;
    if (typeof mcpServers === 'object' && mcpServers !== null) return { ...mcpServers };
  }
  throw notAConfig();
}

function readConfig(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    throw notAConfig();
  }
}

function notAConfig(): InvalidArgumentError {
  return new InvalidArgumentError('Expected a JSON file with `mcpServers`.');
}
