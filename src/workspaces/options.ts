import { env } from 'node:process';
import { z } from 'zod';

const NAME = /^[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9_-])?$/;

/** A part of a branch's name and of a path. */
export const namePart = z
  .string()
  .max(100)
  .regex(NAME, 'letters, digits, `.`, `_` and `-`, with a letter or digit first')
  .refine((name) => !name.includes('..') && !name.endsWith('.lock'), 'a name that git takes for a branch');

export const workspacesOptions = z.strictObject({
  repository: z.string().min(1),
  pool: namePart.default('main'),
  folder: z.string().min(1).optional(),
  base: z.string().min(1).default('HEAD'),
  env: z.record(z.string(), z.string().optional()).default(() => env),
});

/** How worktrees are made. */
export interface GitWorkspacesOptions {
  /** The repository's folder, or any folder within one of its checkouts. */
  readonly repository: string;
  /** Name of the pool: part of every path and branch. @default 'main' */
  readonly pool?: string;
  /** Where worktrees lie, each in `<repository>/<pool>/<id>`. @default '~/.claude-pool/worktrees' */
  readonly folder?: string;
  /** What tasks start from: any name of a commit, resolved at each task. @default 'HEAD' */
  readonly base?: string;
  /** What git and `verify` see of the environment. @default the process's */
  readonly env?: Readonly<Record<string, string | undefined>>;
}
