import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import { CallToolRequestSchema, ListToolsRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import type { ServerNotification } from '@modelcontextprotocol/sdk/types.js';
import { PoolError } from '../index.ts';
import type { Pool } from '../index.ts';
import type { Approvals, Desk } from './desk.ts';
import { instructions } from './instructions.ts';
import { protocolError } from './protocol-error.ts';
import { servePrompts } from './prompts/serve-prompts.ts';
import { serveResources } from './resources/serve-resources.ts';
import { reviewer } from './reviewer.ts';
import type { Call } from './tool.ts';
import { toolsOf } from './tools-of.ts';
import type { ToolChoice } from './tools-of.ts';

/** Which pool an MCP server gives to agents, and what they may do with it. */
export interface McpServerOptions {
  readonly pool: Pool;
  /** Which tools there are: about ten, or all. @default 'core' */
  readonly tools?: ToolChoice;
  /** Who may approve results that wait for review. @default 'human' */
  readonly approvals?: Approvals;
  /** Whether people can decide about results without the client too, as with a `stateDir` or the inspector's page. @default true */
  readonly hasReviewers?: boolean;
  /** How long a call may wait for work before it answers with how to go on, in milliseconds. @default 50000 */
  readonly maxWaitMs?: number;
  /** Whether callers may give tasks MCP servers of their own, and so start programs. @default false */
  readonly allowsMcpServers?: boolean;
  /** What the server calls itself. @default '0.0.0' */
  readonly version?: string;
}

/**
 * A server of the Model Context Protocol that gives its client a pool. Connect it to a transport; it never closes the pool.
 *
 * @example
 * await mcpServer({ pool, tools: 'all' }).connect(new StdioServerTransport());
 */
export function mcpServer({
  pool,
  tools: choice = 'core',
  approvals = 'human',
  hasReviewers = true,
  maxWaitMs = 50_000,
  allowsMcpServers = false,
  version = '0.0.0',
}: McpServerOptions): Server {
  const server = new Server(
    { name: 'claude-pool', title: 'Claude pool', version },
    { capabilities: CAPABILITIES, instructions: instructions(approvals) },
  );
  const desk: Desk = {
    pool,
    approvals,
    allowsMcpServers,
    reviewer: reviewer(pool, server),
    canBeReviewed: () =>
      approvals === 'agent' || hasReviewers || server.getClientCapabilities()?.elicitation !== undefined,
    // A client that has left misses nothing.
    promptsChanged: () => void server.sendPromptListChanged().catch(() => undefined),
  };
  const tools = toolsOf(desk, choice);
  const definitions = [...tools.values()].map(({ definition }) => definition);

  server.setRequestHandler(ListToolsRequestSchema, () => ({ tools: definitions }));
  server.setRequestHandler(CallToolRequestSchema, async ({ params }, extra) => {
    const tool = tools.get(params.name);
    if (tool === undefined) throw protocolError(unknownTool(params.name));
    return tool.call(params.arguments, callOf(extra, maxWaitMs));
  });
  servePrompts(server, pool);
  // oxlint-disable-next-line unicorn/prefer-add-event-listener -- the SDK has no other way
  server.onclose = serveResources(server, desk);
  return server;
}

const CAPABILITIES = {
  tools: {},
  prompts: { listChanged: true },
  resources: { subscribe: true, listChanged: true },
};

interface Extra {
  readonly signal: AbortSignal;
  readonly _meta?: { readonly progressToken?: string | number | undefined } | undefined;
  readonly sendNotification: (notification: ServerNotification) => Promise<void>;
}

function callOf({ signal, _meta: meta, sendNotification }: Extra, maxWaitMs: number): Call {
  const endsAt = performance.now() + maxWaitMs;
  const progressToken = meta?.progressToken;
  if (progressToken === undefined) return { signal, endsAt };
  let progress = 0;
  return {
    signal,
    endsAt,
    report(message) {
      progress += 1;
      const params = { progressToken, progress, message };
      // A client that has left misses nothing.
      sendNotification({ method: 'notifications/progress', params }).catch(() => undefined);
    },
  };
}

function unknownTool(name: string): PoolError {
  return new PoolError(
    'INVALID_OPTIONS',
    `Expected the name of a tool of this server, got \`${name}\`. List the tools; \`--tools all\` offers more.`,
  );
}
