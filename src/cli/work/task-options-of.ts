import type { TaskOptions } from '../../index.ts';
import type { ClaudeFlags } from '../claude-flags.ts';
import type { FleetFlags } from '../pool-flags.ts';

const TAKEN_AS_THEY_ARE = [
  'model',
  'effort',
  'permissionMode',
  'systemPrompt',
  'appendSystemPrompt',
  'maxTurns',
  'tools',
  'allowedTools',
  'disallowedTools',
  'retries',
  'session',
  'workspace',
] as const;

/** The options of a task that the flags ask for, in a pool that runs already. */
export function taskOptionsOf(flags: ClaudeFlags & FleetFlags): TaskOptions {
  const { budgetUsd, timeout, mcpConfig } = flags;
  const taken = TAKEN_AS_THEY_ARE.flatMap((name) => (flags[name] === undefined ? [] : [[name, flags[name]]]));
  return {
    ...Object.fromEntries(taken),
    ...(budgetUsd !== undefined && { maxBudgetUsd: budgetUsd }),
    ...(timeout !== undefined && { timeoutMs: timeout }),
    ...(mcpConfig !== undefined && { mcpServers: mcpConfig }),
  };
}
