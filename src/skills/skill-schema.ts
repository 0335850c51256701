import { z } from 'zod';
import { isSkillName } from './skill-name.ts';
import { effort, settingsSchema, tools } from './settings-schema.ts';

const argument = z.preprocess(
  (value) => (typeof value === 'string' ? { name: value } : value),
  z.object({
    name: z
      .string()
      .regex(/^[A-Za-z_][\w-]*$/, 'a name that starts with a letter, of letters, digits, `-` and `_`'),
    description: z.string().nullish(),
    required: z.boolean().nullish(),
  }),
);

const argumentList = z.array(argument).refine(areUnlike, 'a list whose names differ');

const scope = z
  .string()
  .toLowerCase()
  .pipe(z.enum(['task', 'chain', 'coordinator']));

const hint = z.union([z.string(), z.array(z.unknown()).transform(bracketed)]);

/** Front matter in its normal form, read leniently. What it does not know, it leaves alone. */
export const skillSchema = z.looseObject({
  name: z.string().refine(isSkillName, 'a name of letters, digits, `-` and `_`, at most 64 long').nullish(),
  description: z.string().trim().min(1),
  'argument-hint': hint.nullish(),
  'allowed-tools': tools.nullish(),
  'disallowed-tools': tools.nullish(),
  model: z.string().min(1).nullish(),
  effort: effort.nullish(),
  metadata: z
    .looseObject({
      scope: scope.nullish(),
      arguments: argumentList.nullish(),
      config: settingsSchema.nullish(),
      'claude-pool-scope': scope.nullish(),
      'claude-pool-arguments': argumentList.nullish(),
      'claude-pool-settings': settingsSchema.nullish(),
    })
    .nullish(),
});

/** YAML reads `argument-hint: [file]` as a list. */
function bracketed(words: readonly unknown[]): string {
  return words.map((word) => `[${String(word)}]`).join(' ');
}

function areUnlike(list: readonly { readonly name: string }[]): boolean {
  return new Set(list.map(({ name }) => name)).size === list.length;
}
