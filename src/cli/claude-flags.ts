import { Option } from 'commander';
import type { Command } from 'commander';
import type { ClaudeSettings } from '../index.ts';
import { dollars, duration, positiveNumber, toolList, wholeNumber } from './flags.ts';

/** How Claude is to work, as flags. */
export interface ClaudeFlags extends Omit<ClaudeSettings, 'mcpServers'> {
  readonly budgetUsd?: number;
  /** In milliseconds. */
  readonly timeout?: number;
  readonly retries?: number;
  readonly claude?: string;
  readonly cwd?: string;
}

const EFFORTS = ['min', 'low', 'medium', 'high', 'xhigh', 'max'];
const MODES = ['plan', 'default', 'acceptEdits', 'auto', 'dontAsk', 'bypassPermissions'];

/** Adds them to a command. `toolsFlag` names the flag for the tools of Claude, where the command has tools of its own. */
export function addClaudeFlags(command: Command, toolsFlag = '--tools'): Command {
  return command
    .option('-m, --model <name>', 'model id or alias')
    .addOption(new Option('-e, --effort <level>', 'how hard to think').choices(EFFORTS))
    .option('-b, --budget-usd <amount>', 'spend at most this much', dollars)
    .addOption(
      new Option(
        '-p, --permission-mode <mode>',
        'what claude may do unasked (default: plan, it changes nothing)',
      ).choices(MODES),
    )
    .option('-s, --system-prompt <text>', "replace claude's system prompt")
    .option('--append-system-prompt <text>', "add to claude's system prompt")
    .option('--max-turns <count>', 'agentic turns of one attempt', positiveNumber)
    .option(`${toolsFlag} <names>`, 'the only built-in tools of claude; "" for none', toolList)
    .option('--allowed-tools <rules>', 'tools that need no permission', toolList)
    .option('--disallowed-tools <rules>', 'tools that are denied', toolList)
    .option('--timeout <time>', 'time limit of one attempt: 90 (seconds), 90s, 5m, 1h', duration)
    .option('--retries <count>', 'attempts after the first (default: 2)', wholeNumber)
    .option('--claude <path>', 'which claude to start (default: claude on the PATH)')
    .option('--cwd <folder>', 'where claude works (default: this folder)');
}
