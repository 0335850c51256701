import type { Command } from 'commander';
import { addClaudeFlags } from './claude-flags.ts';
import { withSettings } from './settings/with-settings.ts';

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
