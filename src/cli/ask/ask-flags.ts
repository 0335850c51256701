import type { Command } from 'commander';
import type { Configured } from '../settings/configure.ts';
import { stateDirOption } from '../settings/state-dir-option.ts';

/** The flags of all commands that ask a pool, or its folder. */
export interface AskFlags extends Configured {
  readonly stateDir: string;
  readonly json?: boolean;
}

/** Adds them to a command. */
export function addAskFlags(command: Command): Command {
  return command.addOption(stateDirOption()).option('--json', 'print JSON, and nothing else');
}
