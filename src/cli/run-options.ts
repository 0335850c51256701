import path from 'node:path';
import type { ClaudeOptions, PoolOptions } from '../index.ts';
import type { RunFlags } from './run-command.ts';

/** The pool that the flags ask for: one slot, with the user's own Claude. */
export function poolOptionsOf({ budgetUsd, timeout, retries, claude, cwd, ...rest }: RunFlags): PoolOptions {
  const { json: _json, inspect: _inspect, ...settings } = rest;
  return {
    ...settings,
    slots: 1,
    ...(budgetUsd !== undefined && { budgetUsd }),
    ...(timeout !== undefined && { taskTimeoutMs: timeout }),
    ...(retries !== undefined && { retries }),
    claude: claudeOptionsOf(claude, cwd),
  };
}

/** A path is the user's, relative to where he is and not to `--cwd`. */
function claudeOptionsOf(claude: string | undefined, cwd: string | undefined): ClaudeOptions {
  const isPath = claude !== undefined && /[/\\]/.test(claude);
  return {
    ...(claude !== undefined && { command: isPath ? path.resolve(claude) : claude }),
    ...(cwd !== undefined && { cwd: path.resolve(cwd) }),
  };
}
