import { z } from 'zod';
import { PoolError } from '../errors.ts';
import { parse } from '../parse.ts';

const positionSchema = z.object({ line: z.int(), sentence: z.string() });

type FaultPosition = z.output<typeof positionSchema>;

/** The error of a skill's file at a line. Its cause is the `FaultPosition`. */
export function skillFault(path: string, line: number, sentence: string): PoolError {
  const cause: FaultPosition = { line, sentence };
  return new PoolError('SKILL_INVALID', `${path}:${line}: ${sentence}`, { cause });
}

/** Where in its file the fault lies, and what it is. */
export function faultPosition(error: unknown): FaultPosition | undefined {
  if (!(error instanceof PoolError)) return undefined;
  return positionSchema.safeParse(error.cause).data;
}

export interface SkillText {
  readonly fields: Readonly<Record<string, unknown>>;
  /** The line of a field, or of what comes nearest to holding it. */
  readonly lineOf: (path: readonly PropertyKey[]) => number;
}

/** Parses what a skill's file says. Throws `SKILL_INVALID` at the line of the first fault. */
export function parseFields<Output>(
  schema: z.ZodType<Output>,
  { fields, lineOf }: SkillText,
  path: string,
): Output {
  const parsed = schema.safeParse(fields);
  if (parsed.success) return parsed.data;
  const line = lineOf(parsed.error.issues[0]?.path ?? []);
  throw skillFault(path, line, faultsOf(schema, fields));
}

function faultsOf(schema: z.ZodType, fields: unknown): string {
  try {
    parse(schema, fields);
  } catch (error) {
    if (error instanceof PoolError) return error.message;
    throw error;
  }
  return '';
}
