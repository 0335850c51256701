import { z } from 'zod';

/** What the caller knows of the task, as arguments of a tool. */
export const hintFields = {
  max_parallel: z.int().positive().optional().describe('No more prompts side by side than this.'),
  max_chain_steps: z.int().positive().optional().describe('No more steps than this.'),
  prefer: z.enum(['prefer_single', 'prefer_parallel', 'prefer_chain']).optional(),
  domain: z.string().min(1).optional().describe('What the task is about.'),
  decomposition_hints: z.array(z.string().min(1)).optional().describe('How the task could be divided.'),
};

const hintsSchema = z.object(hintFields);

export type Hints = z.output<typeof hintsSchema>;
