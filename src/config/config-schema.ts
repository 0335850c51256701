import { z } from 'zod';
import { claudeOptionsSchema } from '../claude/options.ts';
import { poolShape } from '../options/parse-pool-options.ts';
import { LONGEST_TIMER_MS } from '../world.ts';
import { DESCRIPTIONS } from './descriptions.ts';

const milliseconds = z.int().nonnegative().max(LONGEST_TIMER_MS);
const text = z.string().min(1);

const shape = {
  ...poolShape,
  claude: claudeOptionsSchema.extend({ cwd: text.optional() }).partial().optional(),
  drainTimeoutMs: milliseconds.default(0),
  mcp: z
    .strictObject({
      tools: z.enum(['core', 'all']).default('core'),
      approvals: z.enum(['human', 'agent']).default('human'),
      maxWaitMs: milliseconds.default(50_000),
      allowMcpServers: z.boolean().default(false),
      http: z.boolean().default(false),
      port: z.int().nonnegative().max(65_535).default(3_100),
      tokenFile: text.optional(),
    })
    .optional(),
};

/** A configuration, wherever it comes from. */
export const configSchema = z.strictObject({
  $schema: z.string().optional().describe('Where this schema is, for editors.'),
  ...described(shape),
});

function described<Shape extends Readonly<Record<string, z.ZodType>>>(fields: Shape): Shape {
  const words = new Map(Object.entries(DESCRIPTIONS));
  return Object.fromEntries(
    Object.entries(fields).map(([key, field]) => [key, field.describe(words.get(key) ?? '')]),
  ) as Shape;
}
