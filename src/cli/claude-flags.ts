import type { Command } from 'commander';
import type { ClaudeSettings } from '../index.ts';
import type { Configured } from './settings/configure.ts';
import { withSettings } from './settings/with-settings.ts';

/** How Claude is to work, as flags. */
export interface ClaudeFlags extends Configured, Omit<ClaudeSettings, 'mcpServers'> {
  readonly budgetUsd?: number;
  /** In milliseconds. */
  readonly timeout?: number;
  readonly retries?: number;
  readonly claude?: string;
  readonly cwd?: string;
}

/** Adds them to a command. `tools` is the flag for the tools of Claude, where the command has tools of its own. */
export function addClaudeFlags(command: Command, tools: 'tools' | 'slotTools' = 'tools'): Command {
  return withSettings(command, [
    'model',
    'effort',
    'budgetUsd',
    'permissionMode',
    'systemPrompt',
    'appendSystemPrompt',
    'maxTurns',
    tools,
    'allowedTools',
    'disallowedTools',
    'timeout',
    'retries',
    'claude',
    'cwd',
  ]);
}
