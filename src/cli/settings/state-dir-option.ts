import path from 'node:path';
import type { Option } from 'commander';
import { settingOption } from './with-settings.ts';

/** `--state-dir`, for each command that asks a pool, or its folder. */
export function stateDirOption(): Option {
  return settingOption('stateDir', 'where the pool is kept').default(path.join('.claude-pool', 'state'));
}
