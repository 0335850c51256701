import { z } from 'zod';
import type { Abortable, ApproveOptions } from '../api.ts';
import { definedOnly } from './defined-only.ts';
import { milliseconds } from './fields.ts';
import { parse } from '../parse.ts';

const approval = z.strictObject({
  merge: z.enum(['ff', 'merge', 'squash', 'rebase']),
  into: z.string().min(1).optional(),
  message: z.string().min(1).optional(),
  verify: z.tuple([z.string().min(1)], z.string()).optional(),
  verifyTimeoutMs: milliseconds.optional(),
  onConflict: z.enum(['feedback', 'fail']).default('feedback'),
});

type Approval = Omit<ApproveOptions, keyof Abortable | 'merge' | 'onConflict'> &
  Required<Pick<ApproveOptions, 'merge' | 'onConflict'>>;

/** How work is merged. Without `merge` there is nothing to ask this for. */
export function parseApproval(options: Omit<ApproveOptions, keyof Abortable>): Approval {
  const { merge, onConflict, ...given } = parse(approval, options);
  return { ...definedOnly(given), merge, onConflict };
}
