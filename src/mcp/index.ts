export { mcpServer } from './mcp-server.ts';
export type { McpServerOptions } from './mcp-server.ts';
export type { Approvals } from './desk.ts';
export type { ToolChoice } from './tools-of.ts';
export { serveStdio } from './serve-stdio.ts';
export { serveHttp } from './serve-http.ts';
export type { McpHttpServer, ServeHttpOptions } from './serve-http.ts';
export { bearerToken } from './http/bearer-token.ts';
