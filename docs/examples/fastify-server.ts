import { Readable } from 'node:stream';
import { PoolError } from 'claude-pool';
import type { Pool } from 'claude-pool';
import fastify from 'fastify';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

interface OneTask {
  readonly Params: { readonly id: string };
}

const PROMPT = {
  body: {
    type: 'object',
    required: ['prompt'],
    properties: { prompt: { type: 'string', minLength: 1 } },
  },
} as const;

/** Tasks over HTTP. Closing the server drains the pool. */
export function taskServer(pool: Pool): FastifyInstance {
  const server = fastify();
  server.post<{ Body: { prompt: string } }>('/tasks', { schema: PROMPT }, async ({ body }, reply) => {
    const id = await pool.submit(body.prompt);
    return reply.code(202).header('location', `/tasks/${id}`).send({ id });
  });
  server.get<OneTask>('/tasks/:id', async ({ params }) => pool.task(params.id));
  server.get<OneTask>('/tasks/:id/text', ({ params }, reply) =>
    reply.type('text/plain; charset=utf-8').send(Readable.from(pool.output(params.id))),
  );
  server.delete<OneTask>('/tasks/:id', async ({ params }, reply) => {
    await pool.cancel(params.id);
    return reply.code(204).send();
  });
  server.setErrorHandler(tellFault);
  server.addHook('onClose', async () => void (await pool.drain({ timeoutMs: 10_000 })));
  return server;
}

/** What the pool refuses has a code; what else goes wrong is fastify's. */
function tellFault(error: Error, _request: FastifyRequest, reply: FastifyReply): FastifyReply {
  if (!(error instanceof PoolError)) return reply.send(error);
  const { code, message } = error;
  return reply.code(STATUS[code] ?? 500).send({ code, message });
}

const STATUS: { readonly [Code in PoolError['code']]?: number } = {
  INVALID_OPTIONS: 400,
  BUDGET_EXCEEDED: 402,
  TASK_NOT_FOUND: 404,
  INVALID_STATE: 409,
  POOL_CLOSED: 503,
};
