import type { z } from 'zod';

/** A field that may be missing, null, or of a shape that another version of the CLI gave it: then it is undefined. */
export function lenient<Schema extends z.ZodType>(schema: Schema) {
  return schema
    .nullish()
    .transform((value) => value ?? undefined)
    .catch(undefined);
}
