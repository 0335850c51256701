import { z } from 'zod';
import { namePart } from './options.ts';
import { worktreeError } from './worktree-error.ts';

const attemptNumber = z.int().min(1);

interface Named {
  readonly id: string;
  readonly task: string;
  readonly attempt?: number;
}

/** Ids become parts of refs and paths. Rejects with `WORKTREE`. */
export function validated<Names extends Named>(names: Names): Names {
  for (const [name, value] of [
    ['id', names.id],
    ['task', names.task],
  ] as const) {
    if (!namePart.safeParse(value).success) {
      throw worktreeError(
        `Expected \`${name}\` to be letters, digits, \`.\`, \`_\` and \`-\`, got \`${value}\`.`,
      );
    }
  }
  if (attemptNumber.safeParse(names.attempt ?? 1).success) return names;
  throw worktreeError(`Expected \`attempt\` to be a whole number from 1, got \`${names.attempt}\`.`);
}
