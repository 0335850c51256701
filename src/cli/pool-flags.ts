import type { Command } from 'commander';
import type { PoolOptions } from '../index.ts';
import { addClaudeFlags } from './claude-flags.ts';
import { withSettings } from './settings/with-settings.ts';

/** Flags of a pool that tasks may have options for too. */
export interface FleetFlags extends Pick<PoolOptions, 'session' | 'workspace'> {
  /** The servers in the file. */
  readonly mcpConfig?: PoolOptions['mcpServers'];
}

/** What a pool is like, as flags. `tools` is the flag for the tools of Claude, where the command has tools of its own. */
export function addPoolFlags(command: Command, tools?: 'tools' | 'slotTools'): Command {
  withSettings(command, ['slots', 'minSlots', 'maxSlots']);
  return withSettings(addClaudeFlags(command, tools), [
    'session',
    'workspace',
    'mcpConfig',
    'skillsDir',
    'builtinSkills',
    'projectSkills',
    'globalSkills',
    'disableSkill',
  ]);
}
