import { readFileSync } from 'node:fs';
import path from 'node:path';
import { PoolError } from '../index.ts';
import type { PoolOptions, SkillOptions } from '../index.ts';
import type { McpFlags } from './mcp-command.ts';

const TAKEN_AS_THEY_ARE = [
  'slots',
  'model',
  'effort',
  'budgetUsd',
  'permissionMode',
  'systemPrompt',
  'appendSystemPrompt',
  'maxTurns',
  'allowedTools',
  'disallowedTools',
  'session',
  'retries',
  'minSlots',
  'maxSlots',
] as const;

/** The pool that the flags of `mcp` ask for. */
export function mcpPoolOptions(flags: McpFlags): PoolOptions {
  const { timeout, slotTools, mcpConfig, stateDir, claude, cwd } = flags;
  const taken = TAKEN_AS_THEY_ARE.flatMap((name) => (flags[name] === undefined ? [] : [[name, flags[name]]]));
  const isPath = claude !== undefined && /[/\\]/.test(claude);
  return {
    ...Object.fromEntries(taken),
    ...(timeout !== undefined && { taskTimeoutMs: timeout }),
    ...(slotTools !== undefined && { tools: slotTools }),
    ...(mcpConfig !== undefined && { mcpServers: serversIn(mcpConfig) }),
    ...(stateDir !== undefined && { stateDir: path.resolve(stateDir) }),
    skills: skillOptions(flags),
    claude: {
      ...(claude !== undefined && { command: isPath ? path.resolve(claude) : claude }),
      ...(cwd !== undefined && { cwd: path.resolve(cwd) }),
    },
  };
}

function skillOptions({
  skillsDir,
  builtinSkills,
  projectSkills,
  globalSkills,
  disableSkill,
}: McpFlags): SkillOptions {
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
