import { z } from 'zod';
import { configSchema } from './config-schema.ts';

/** JSON Schema of `.claude-pool/config.json` and `.yaml`, for editors. */
export function configJsonSchema(): Readonly<Record<string, unknown>> {
  return z.toJSONSchema(configSchema, {
    io: 'input',
    // zod means the type of the parsed value; an editor would refuse to edit.
    override: ({ jsonSchema }) => void delete jsonSchema.readOnly,
  });
}
