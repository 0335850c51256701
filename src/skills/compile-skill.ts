import { PoolError } from '../errors.ts';
import type { Skill } from './skill.ts';

/** A part of a skill's prompt. `text` is how it was written, and what stays where no argument fits. */
export type SkillPiece =
  | { readonly type: 'literal'; readonly text: string }
  | { readonly type: 'named'; readonly text: string; readonly name: string }
  | { readonly type: 'positional'; readonly text: string; readonly index: number }
  | { readonly type: 'all'; readonly text: string };

/**
 * `$1.50` and `$10k` are money and `${HOME}` is a shell's, not places for arguments.
 * A number is read whole, so `$10` is never `$1` and a zero.
 */
const PLACEHOLDER =
  /(?<folder>\$\{CLAUDE_SKILL_DIR\})|\$ARGUMENTS\[(?<member>\d+)\]|(?<all>\$ARGUMENTS)\b|\$(?<index>0|[1-9]\d*)(?!\w|\.\d)|(?<!\$)\{(?<name>[A-Za-z_][\w-]*)\}/g;

/** Cuts a skill's prompt into literal text and places for arguments. Nothing of it is ever executed. */
export function compileSkill(skill: Skill): readonly SkillPiece[] {
  const pieces: SkillPiece[] = [];
  let end = 0;
  for (const match of skill.prompt.matchAll(PLACEHOLDER)) {
    pieces.push(literal(skill.prompt.slice(end, match.index)), pieceOf(match, skill));
    end = match.index + match[0].length;
  }
  return [...pieces, literal(skill.prompt.slice(end))].filter(({ text }) => text !== '');
}

function pieceOf({ 0: text, groups = {} }: RegExpExecArray, skill: Skill): SkillPiece {
  if (groups['folder'] !== undefined) return literal(folderOf(skill));
  if (groups['all'] !== undefined) return { type: 'all', text };
  if (groups['name'] !== undefined) return { type: 'named', text, name: groups['name'] };
  return { type: 'positional', text, index: Number(groups['member'] ?? groups['index']) };
}

function folderOf({ name, source, folder }: Skill): string {
  if (folder !== undefined) return folder;
  throw new PoolError(
    'SKILL_INVALID',
    `Expected \`\${CLAUDE_SKILL_DIR}\` in a project or global skill only, got it in the ${source} skill \`${name}\`. ` +
      'Save or eject the skill, or write the path out.',
  );
}

function literal(text: string): SkillPiece {
  return { type: 'literal', text };
}
