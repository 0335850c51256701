import { z } from 'zod';
import { checkChain } from './check-chain.ts';

const stepName = z
  .string()
  .regex(/^[^\s.{}](?:[^\n.{}]*[^\s.{}])?$/, 'a name without dots, braces, and white space at its ends');
const argumentName = z
  .string()
  .regex(
    /^(?!(?:previous_output|error)$)[A-Za-z_][\w-]*$/,
    'a name of letters, digits, `_` and `-`, other than `previous_output` and `error`',
  );
const outputPath = z
  .string()
  .regex(
    /^(?:\.|(?:[^\s.[\]]+|\[\d+\])(?:\.[^\s.[\]]+|\[\d+\])*)$/,
    'a path such as `a.b[0].c`, or `.` for everything',
  );
const text = z.string().trim().min(1);

export const stepSchema = z.strictObject({
  name: stepName,
  prompt: text.optional(),
  skill: z.string().min(1).optional(),
  arguments: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).optional(),
  retries: z.int().nonnegative().default(0),
  recoveryPrompt: text.optional(),
  outputs: z.record(z.string(), outputPath).optional(),
  when: z
    .strictObject({ value: z.string(), equals: z.string().optional(), notEquals: z.string().optional() })
    .optional(),
  options: z.looseObject({}).optional(),
});

export const groupSchema = z.strictObject({ parallel: z.array(stepSchema).min(1) });

export const optionsSchema = z.strictObject({
  onFailure: z.enum(['abort', 'continue']).default('abort'),
  session: z.enum(['chain', 'fresh']).default('chain'),
  maxBudgetUsd: z.number().positive().optional(),
  tags: z.array(z.string().min(1)).optional(),
});

const argumentSchema = z.strictObject({
  name: argumentName,
  description: z.string().optional(),
  required: z.boolean().default(false),
});

export const templateShape = {
  name: z.string().min(1),
  description: z.string().optional(),
  arguments: z.array(argumentSchema).default([]),
};

/** Faults of a step or group as such; a union would only say that it is neither. */
const partSchema = z.unknown().transform((value, context) => {
  const isGroup = typeof value === 'object' && value !== null && 'parallel' in value;
  const parsed = (isGroup ? groupSchema : stepSchema).safeParse(value);
  if (parsed.success) return parsed.data;
  for (const issue of parsed.error.issues) context.issues.push({ ...issue, input: value } as never);
  return z.NEVER;
});

const formShape = {
  steps: z.array(partSchema).min(1),
  options: optionsSchema.prefault({}),
};

/** A chain of a program. */
export const chainSchema = z.strictObject(formShape).superRefine(checkChain);

/** A chain of a file. */
export const chainFileSchema = z.strictObject({ ...templateShape, ...formShape }).superRefine(checkChain);
