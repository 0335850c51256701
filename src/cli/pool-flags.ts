import { Option } from 'commander';
import type { Command } from 'commander';
import type { PoolOptions } from '../index.ts';
import { addClaudeFlags } from './claude-flags.ts';
import type { ClaudeFlags } from './claude-flags.ts';
import { positiveNumber, toolList } from './flags.ts';

/** What a pool is like, as flags. */
export interface PoolFlags
  extends ClaudeFlags, Pick<PoolOptions, 'session' | 'minSlots' | 'maxSlots' | 'workspace'> {
  readonly slots?: number;
  readonly mcpConfig?: string;
  readonly skillsDir?: string;
  readonly builtinSkills: boolean;
  readonly projectSkills: boolean;
  readonly globalSkills: boolean;
  readonly disableSkill?: readonly string[];
}

/** Adds them to a command. `toolsFlag` names the flag for the tools of Claude, where the command has tools of its own. */
export function addPoolFlags(command: Command, toolsFlag?: string): Command {
  command
    .option('-n, --slots <count>', 'sessions side by side (default: 2)', positiveNumber)
    .option('--min-slots <count>', 'fewest that scaling can come to', positiveNumber)
    .option('--max-slots <count>', 'most that scaling can come to', positiveNumber);
  return addClaudeFlags(command, toolsFlag)
    .addOption(
      new Option('--session <policy>', 'what a task continues (default: resume)').choices([
        'resume',
        'fresh',
      ]),
    )
    .addOption(
      new Option('--workspace <scope>', 'give each a git worktree of its own (default: none)').choices([
        'slot',
        'task',
        'chain',
      ]),
    )
    .option('--mcp-config <file>', 'MCP servers of the slots, in the form of claude')
    .option('--skills-dir <folder>', 'skills of the project (default: .claude-pool/skills)')
    .option('--no-builtin-skills', 'without the skills of this package')
    .option('--no-project-skills', 'without the skills of the project')
    .option('--no-global-skills', 'without the skills of the user')
    .option('--disable-skill <names>', 'skills that count as absent', toolList);
}
