import { PoolError } from '../errors.ts';
import { compileSkill } from './compile-skill.ts';
import type { SkillPiece } from './compile-skill.ts';
import type { Skill } from './skill.ts';

/**
 * Renders a skill whose arguments are pieces of any kind, such as references that a chain resolves later.
 * They are put in as they are and never looked into. `text` makes a piece of literal text.
 */
export function renderPieces<Piece>(
  skill: Skill,
  args: Readonly<Record<string, readonly Piece[]>>,
  text: (literal: string) => Piece,
): readonly Piece[] {
  const values = new Map(Object.entries(args));
  checkRequired(skill, values);
  const order = namesInOrder(skill, values);
  const all = joined(order, values, text(' '));

  function valueOf(piece: SkillPiece): readonly Piece[] | undefined {
    if (piece.type === 'literal') return undefined;
    if (piece.type === 'all') return all;
    const name = piece.type === 'named' ? piece.name : order[piece.index];
    if (name === undefined || !order.includes(name)) return undefined;
    return values.get(name) ?? [];
  }

  const template = compileSkill(skill);
  const rendered = template.flatMap((piece) => valueOf(piece) ?? [text(piece.text)]);
  const isUsed = template.some((piece) => valueOf(piece) !== undefined);
  return isUsed || values.size === 0 ? rendered : [...rendered, text('\n\nARGUMENTS: '), ...all];
}

function checkRequired({ name, arguments: declared }: Skill, values: ReadonlyMap<string, unknown>): void {
  const missing = declared.filter((argument) => argument.required && !values.has(argument.name));
  if (missing.length === 0) return;
  throw new PoolError(
    'SKILL_INVALID',
    `Expected the skill \`${name}\` to be given ${listed(missing.map(quoted))}. ` +
      `It declares ${listed(declared.map((argument) => `${quoted(argument)}${argument.required ? ' (required)' : ''}`))}.`,
  );
}

/** The declared arguments keep their places, given or not; undeclared ones come after them. */
function namesInOrder(skill: Skill, values: ReadonlyMap<string, unknown>): readonly string[] {
  return [...new Set([...skill.arguments.map(({ name }) => name), ...values.keys()])];
}

function joined<Piece>(
  order: readonly string[],
  values: ReadonlyMap<string, readonly Piece[]>,
  space: Piece,
): readonly Piece[] {
  const given = order.flatMap((name) => {
    const value = values.get(name);
    return value === undefined ? [] : [value];
  });
  return given.flatMap((value, index) => (index === 0 ? value : [space, ...value]));
}

function quoted({ name }: { readonly name: string }): string {
  return `\`${name}\``;
}

function listed(words: readonly string[]): string {
  return words.join(', ');
}
