import { z } from 'zod';
import { groupSchema, optionsSchema, stepSchema, templateShape } from './chain-schema.ts';

/** JSON Schema of a chain file, for editors. What it cannot say, such as unique names, is checked when the file is read. */
export function chainJsonSchema(): Readonly<Record<string, unknown>> {
  const schema = z.strictObject({
    ...templateShape,
    steps: z.array(z.union([stepSchema, groupSchema])).min(1),
    options: optionsSchema.prefault({}),
  });
  return z.toJSONSchema(schema, { io: 'input' });
}
