import { readFileSync } from 'node:fs';
import path from 'node:path';
import { PoolError } from '../index.ts';
import type { ClaudeOptions, PoolOptions, SkillOptions } from '../index.ts';
import type { PoolFlags } from './pool-flags.ts';

const TAKEN_AS_THEY_ARE = [
  'slots',
  'minSlots',
  'maxSlots',
  'model',
  'effort',
  'budgetUsd',
  'permissionMode',
  'systemPrompt',
  'appendSystemPrompt',
  'maxTurns',
  'tools',
  'allowedTools',
  'disallowedTools',
  'session',
  'workspace',
  'retries',
] as const;

/** The pool that the flags ask for. */
export function poolOptionsOf(flags: Partial<PoolFlags>): PoolOptions {
  const { timeout, mcpConfig, claude, cwd } = flags;
  const taken = TAKEN_AS_THEY_ARE.flatMap((name) => (flags[name] === undefined ? [] : [[name, flags[name]]]));
  return {
    ...Object.fromEntries(taken),
    ...(timeout !== undefined && { taskTimeoutMs: timeout }),
    ...(mcpConfig !== undefined && { mcpServers: serversIn(mcpConfig) }),
    skills: skillOptionsOf(flags),
    claude: claudeOptionsOf(claude, cwd),
  };
}

/** A path is the user's, relative to where he is and not to `--cwd`. */
function claudeOptionsOf(claude: string | undefined, cwd: string | undefined): ClaudeOptions {
  const isPath = claude !== undefined && /[/\\]/.test(claude);
  return {
    ...(claude !== undefined && { command: isPath ? path.resolve(claude) : claude }),
    ...(cwd !== undefined && { cwd: path.resolve(cwd) }),
  };
}

function skillOptionsOf({
  skillsDir,
  builtinSkills = true,
  projectSkills = true,
  globalSkills = true,
  disableSkill,
}: Partial<PoolFlags>): SkillOptions {
  return {
    builtin: builtinSkills,
    ...(skillsDir !== undefined && { project: path.resolve(skillsDir) }),
    ...(!projectSkills && { project: false }),
    ...(!globalSkills && { global: false }),
    ...(disableSkill !== undefined && { disabled: disableSkill }),
  };
}

function serversIn(file: string): Readonly<Record<string, unknown>> {
  const config = readConfig(file);
  if (typeof config === 'object' && config !== null && 'mcpServers' in config) {
    const { mcpServers } = config;
    if (typeof mcpServers === 'object' && mcpServers !== null) return { ...mcpServers };
  }
  throw notAConfig(file);
}

function readConfig(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    throw notAConfig(file, cause);
  }
}

function notAConfig(file: string, cause?: unknown): PoolError {
  const message = `Expected a JSON file with \`mcpServers\`, got \`${file}\`, which cannot be read as one.`;
  return new PoolError('INVALID_OPTIONS', message, { cause });
}
