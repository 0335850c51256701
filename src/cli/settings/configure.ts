import path from 'node:path';
import type { Command } from 'commander';
import type { Config, LoadedConfig } from '../../index.ts';
import { hasSettings, settingsGiven } from './with-settings.ts';

/** What a command with flags of the configuration is given beside them. */
export interface Configured {
  /** The flags, over `CLAUDE_POOL_*`, over the files. */
  readonly configured: LoadedConfig;
  /** Absolute. Where the command has a default for it, that of the project. */
  readonly stateDir?: string;
  /** Whether the folder stood on the command line. */
  readonly namesStateDir?: boolean;
}

/** Tells each command what holds for it, before it acts. The repository that counts is the one that Claude works in. */
export function configure(program: Command): void {
  program.hook('preAction', async (_program, command) => {
    if (!hasSettings(command)) return;
    const { loadConfig } = await import('../../index.ts');
    const over: Config = settingsGiven(command);
    const folder = over.claude?.cwd ?? (process.env['CLAUDE_POOL_CLAUDE_CWD'] || process.cwd());
    const configured = await loadConfig({ folder, env: process.env, over });
    command.setOptionValue('configured', configured);
    command.setOptionValue('stateDir', stateDirOf(configured, command));
    command.setOptionValue('namesStateDir', over.stateDir !== undefined);
  });
}

function stateDirOf({ config, root }: LoadedConfig, command: Command): string | undefined {
  const fallback: unknown = command.getOptionValue('stateDir');
  if (config.stateDir !== undefined || typeof fallback !== 'string') return config.stateDir;
  return path.resolve(root, fallback);
}
