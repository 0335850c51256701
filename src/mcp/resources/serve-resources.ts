import type { Server } from '@modelcontextprotocol/sdk/server/index.js';
import {
  ListResourcesRequestSchema,
  ListResourceTemplatesRequestSchema,
  ReadResourceRequestSchema,
  SubscribeRequestSchema,
  UnsubscribeRequestSchema,
} from '@modelcontextprotocol/sdk/types.js';
import type { Desk } from '../desk.ts';
import { protocolError } from '../protocol-error.ts';
import { listResources, RESOURCE_TEMPLATES } from './list-resources.ts';
import { readResource } from './read-resource.ts';
import { subscriptions } from './subscriptions.ts';

/** Lets a client read the pool and be told when it changes. Returns the way to stop. */
export function serveResources(server: Server, desk: Desk): () => void {
  const subscribed = subscriptions(server, desk.pool);
  server.setRequestHandler(ListResourcesRequestSchema, () => ({ resources: listResources(desk.pool) }));
  server.setRequestHandler(ListResourceTemplatesRequestSchema, () => ({
    resourceTemplates: RESOURCE_TEMPLATES,
  }));
  server.setRequestHandler(ReadResourceRequestSchema, ({ params }) =>
    readResource(params.uri, desk).catch(refuse),
  );
  server.setRequestHandler(SubscribeRequestSchema, ({ params: { uri } }) =>
    readResource(uri, desk)
      .then(() => subscribed.add(uri))
      .then(() => ({}))
      .catch(refuse),
  );
  server.setRequestHandler(UnsubscribeRequestSchema, ({ params }) => {
    subscribed.delete(params.uri);
    return {};
  });
  return () => subscribed.end();
}

function refuse(error: unknown): never {
  throw protocolError(error);
}
