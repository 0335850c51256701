import type { Effort, PermissionMode } from '../../machines/types.ts';

/** Where a skill comes from; the first in this order wins. */
export type SkillSource = 'runtime' | 'project' | 'global' | 'builtin';

/** Who runs a skill: a slot in one task, a slot in several phases, or the session that holds the pool's tools. */
export type SkillScope = 'task' | 'chain' | 'coordinator';

/** An argument that a skill declares. */
export interface SkillArgument {
  readonly name: string;
  readonly description: string;
  readonly required: boolean;
}

/** What a skill sets for the task that runs it; the same fields as in `TaskOptions`. */
export interface SkillSettings {
  readonly model?: string;
  readonly effort?: Effort;
  readonly permissionMode?: PermissionMode;
  readonly systemPrompt?: string;
  readonly appendSystemPrompt?: string;
  readonly maxTurns?: number;
  readonly tools?: readonly string[];
  readonly allowedTools?: readonly string[];
  readonly disallowedTools?: readonly string[];
  readonly mcpServers?: Readonly<Record<string, unknown>>;
  readonly jsonSchema?: Readonly<Record<string, unknown>>;
  readonly maxBudgetUsd?: number;
}

/** A reusable prompt with named arguments and settings of its own. */
export interface Skill {
  readonly name: string;
  readonly description: string;
  /** The instructions, with their placeholders. */
  readonly prompt: string;
  readonly source: SkillSource;
  readonly scope: SkillScope;
  /** In the order of `$0`, `$1` … */
  readonly arguments: readonly SkillArgument[];
  readonly argumentHint?: string;
  readonly settings: SkillSettings;
  /** The whole front matter as it was written, unknown fields too. */
  readonly frontMatter: Readonly<Record<string, unknown>>;
  /** The file that it was read from. */
  readonly path?: string;
  /** What `${CLAUDE_SKILL_DIR}` stands for; project and global skills have one. */
  readonly folder?: string;
}
