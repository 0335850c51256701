import { z } from 'zod';

const text = z.string().trim().min(1);

/** How a task is to be worked on. */
export const routeSchema = z.discriminatedUnion('route', [
  z.object({ route: z.literal('single'), prompt: text }),
  z.object({ route: z.literal('parallel'), prompts: z.array(text) }),
  z.object({ route: z.literal('chain'), steps: z.array(z.object({ name: text, prompt: text })) }),
]);

export type Route = z.output<typeof routeSchema>;

/** The schema that the router's answer is held to. One flat object: models and the CLI take it better than a union. */
export const ROUTE_JSON_SCHEMA = {
  type: 'object',
  properties: {
    route: { type: 'string', enum: ['single', 'parallel', 'chain'] },
    prompt: { type: 'string' },
    prompts: { type: 'array', items: { type: 'string' } },
    steps: {
      type: 'array',
      items: {
        type: 'object',
        properties: { name: { type: 'string' }, prompt: { type: 'string' } },
        required: ['name', 'prompt'],
      },
    },
  },
  required: ['route'],
};
