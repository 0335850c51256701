import path from 'node:path';
import type { ClaudeOptions, PoolOptions, TaskOptions } from '../index.ts';
import type { RunFlags } from './run-command.ts';

/** The pool that the flags ask for: one slot, with the user's own Claude. */
export function poolOptionsOf({ budgetUsd, timeout, retries, claude, cwd, ...rest }: RunFlags): PoolOptions {
  const { json: _, ...settings } = rest;
  return {
    ...settings,
    slots: 1,
    ...(budgetUsd !== undefined && { budgetUsd }),
    ...(timeout !== undefined && { taskTimeoutMs: timeout }),
    ...(retries !== undefined && { retries }),
    claude: claudeOptionsOf(claude, cwd),
  };
}

/** The one task may spend all of the budget; without a cap of its own it is held to a typical amount. */
export function taskOptionsOf({ budgetUsd }: RunFlags): TaskOptions {
  return budgetUsd === undefined ? {} : { maxBudgetUsd: budgetUsd };
}

/** A path is the user's, relative to where he is and not to `--cwd`. */
function claudeOptionsOf(claude: string | undefined, cwd: string | undefined): ClaudeOptions {
  const isPath = claude !== undefined && /[/\\]/.test(claude);
  return {
    ...(claude !== undefined && { command: isPath ? path.resolve(claude) : claude }),
    ...(cwd !== undefined && { cwd: path.resolve(cwd) }),
  };
}
