import { z } from 'zod';
import { LONGEST_TIMER_MS } from '../world.ts';

/** Of one argument of a program, which is where prompts of the system go; the rest is for identity and context. */
const MAX_SYSTEM_PROMPT_BYTES = 80_000;
const NO_NUL = 'text without NUL characters';
const isWithoutNul = (value: string): boolean => !value.includes('\0');

export const milliseconds = z.int().positive().max(LONGEST_TIMER_MS);
export const patience = z.number().nonnegative().max(LONGEST_TIMER_MS);
/** Micro-dollars stay exact whole numbers below it. */
export const usd = z.number().positive().max(1e9);
export const count = z.int().nonnegative();
export const name = z.string().min(1).refine(isWithoutNul, NO_NUL);
export const names = z.array(name).readonly();
export const text = z.string().trim().min(1).refine(isWithoutNul, NO_NUL);
export const argumentText = z
  .string()
  .refine(isWithoutNul, NO_NUL)
  .refine(
    (value) => Buffer.byteLength(value) <= MAX_SYSTEM_PROMPT_BYTES,
    `text of at most ${MAX_SYSTEM_PROMPT_BYTES} bytes`,
  );

const trait = name.max(2_000, 'text of at most 2000 characters');
export const identity = z.strictObject({
  name: trait.optional(),
  role: trait.optional(),
  description: trait.optional(),
});

export const workspace = z.enum(['slot', 'task', 'chain']).optional();
