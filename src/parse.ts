import type { z } from 'zod';
import { PoolError } from './errors.ts';

/**
 * Parses what a caller gave. Rejects with `INVALID_OPTIONS`, naming each option, what was expected and what was got.
 */
export function parse<Output>(schema: z.ZodType<Output>, value: unknown): Output {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const sentences = problemsIn(parsed.error, value).map(({ sentence }) => sentence);
  throw new PoolError('INVALID_OPTIONS', sentences.join(' '), { cause: parsed.error });
}

/** What is wrong with a value: where, and a sentence about it. */
export interface Problem {
  readonly path: readonly PropertyKey[];
  /** Whether the key itself is wrong, not its value. */
  readonly isKey: boolean;
  readonly sentence: string;
}

export function problemsIn(error: z.ZodError, value: unknown): readonly Problem[] {
  return error.issues.flatMap((issue) => problemsOf(issue, value));
}

function problemsOf(issue: z.core.$ZodIssue, root: unknown): readonly Problem[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => {
      const path = [...issue.path, key];
      return { path, isKey: true, sentence: `Expected only known options, got \`${pathOf(path)}\`.` };
    });
  }
  const { path } = issue;
  const got = path.reduce(memberOf, root);
  const sentence = `Expected \`${pathOf(path)}\` to be ${expectation(issue)}, got ${shown(got)}.`;
  return [{ path, isKey: false, sentence }];
}

function expectation(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return article(issue.expected);
    case 'too_small':
      return tooSmall(issue);
    case 'too_big':
      return `at most ${issue.maximum}`;
    case 'invalid_value':
      return `one of ${issue.values.map((value) => `\`${String(value)}\``).join(', ')}`;
    case 'invalid_union':
      return [...new Set(issue.errors.flat().map(expectation))].join(' or ');
    default:
      return issue.message;
  }
}

function tooSmall({ origin, minimum, inclusive }: z.core.$ZodIssueTooSmall): string {
  if (origin === 'string') return 'a string that is not empty';
  if (origin === 'array') return 'a list that is not empty';
  return `${inclusive === false ? 'greater than' : 'at least'} ${minimum}`;
}

function article(expected: string): string {
  if (expected === 'int') return 'a whole number';
  return /^[aeiou]/.test(expected) ? `an ${expected}` : `a ${expected}`;
}

function pathOf(path: readonly PropertyKey[]): string {
  return path.length === 0 ? 'options' : path.map(String).join('.');
}

function memberOf(value: unknown, key: PropertyKey): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  return Object.entries(value).find(([name]) => name === String(key))?.[1];
}

function shown(value: unknown): string {
  if (value === undefined) return '`undefined`';
  if (typeof value === 'number') return `\`${value}\` (number)`;
  const text = JSON.stringify(value) ?? typeof value;
  return `\`${text.length > 80 ? `${text.slice(0, 80)}…` : text}\` (${typeof value})`;
}
