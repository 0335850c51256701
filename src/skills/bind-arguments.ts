import { z } from 'zod';
import { parse } from '../parse.ts';
import { compileSkill } from './compile-skill.ts';
import type { Skill } from './skill.ts';

type SkillValue = string | number | boolean;

/** Arguments of a skill: by name, by position, or one text whose last argument takes the rest. */
export type SkillArguments =
  string | readonly SkillValue[] | Readonly<Record<string, SkillValue | undefined>>;

const value = z.union([z.string(), z.number(), z.boolean()]).transform(String);
const argumentsSchema = z.object({
  arguments: z.union([z.string(), z.array(value), z.record(z.string(), value.optional())]),
});

/** Gives each argument its name. Those beyond the declared ones are called by their position. */
export function bindArguments(skill: Skill, given: SkillArguments): Readonly<Record<string, string>> {
  const { arguments: parsed } = parse(argumentsSchema, { arguments: given });
  if (typeof parsed === 'string') return byPosition(skill, wordsOf(skill, parsed));
  if (Array.isArray(parsed)) return byPosition(skill, parsed);
  return Object.fromEntries(
    Object.entries(parsed).flatMap(([name, text]) => (text === undefined ? [] : [[name, text]])),
  );
}

function byPosition({ arguments: declared }: Skill, values: readonly string[]): Record<string, string> {
  return Object.fromEntries(values.map((text, index) => [declared[index]?.name ?? String(index), text]));
}

/** Quotes keep words together; the last argument takes what is left, as it was typed. */
function wordsOf(skill: Skill, text: string): readonly string[] {
  const words: string[] = [];
  let rest = text.trim();
  while (rest !== '' && words.length < placesOf(skill) - 1) {
    const [typed, double, single] = /^(?:"([^"]*)"|'([^']*)'|\S+)(?!\S)|^\S+/.exec(rest) ?? [rest];
    words.push(double ?? single ?? typed);
    rest = rest.slice(typed.length).trimStart();
  }
  if (rest === '') return words;
  const [, double, single] = /^(?:"([^"]*)"|'([^']*)')$/.exec(rest) ?? [];
  return [...words, words.length === 0 ? rest : (double ?? single ?? rest)];
}

function placesOf(skill: Skill): number {
  const indices = compileSkill(skill).map((piece) => (piece.type === 'positional' ? piece.index + 1 : 0));
  return Math.max(skill.arguments.length, ...indices);
}
