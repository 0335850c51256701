import type { PoolErrorCode } from '../index.ts';

/** What to do about an error, told to whoever called the tool. */
export function remedyFor(code: string, verdict = ''): string {
  return BY_VERDICT[verdict] ?? BY_CODE[code] ?? 'Read the message; tell the person when it does not help.';
}

const BY_VERDICT: Readonly<Record<string, string>> = {
  budget: 'Give a higher `max_budget_usd`, or ask the person to raise the budget of the pool.',
  hung: 'Give the task in smaller parts.',
  maxTurns: 'Give the task in smaller parts.',
  contextOverflow: 'Shorten the prompt, or give the task in smaller parts.',
  overloaded: 'Submit the task again later.',
  refused: 'Put the prompt in other words.',
  invalidRequest: 'Check `model` and the prompt.',
  crashed: 'Submit the task again; tell the person when it crashes again.',
};

const BY_CODE: Readonly<Record<string, string>> = {
  TASK_FAILED: 'Read the message and the output, then submit the task again with a better prompt.',
  BUDGET_EXCEEDED: 'Look at `pool_status`; ask the person to raise the budget of the pool.',
  NO_SLOTS_AVAILABLE: 'Look at `pool_status`: wait for a slot, or let more be started.',
  TASK_NOT_FOUND: 'List the tasks with `pool_list_tasks` and take an id from there.',
  SLOT_NOT_FOUND: 'Look at `pool_status` and take the id of a slot from there.',
  CHAIN_NOT_FOUND:
    'Take the id that the call gave that started the chain, or one of the names in the message.',
  SKILL_NOT_FOUND: 'List the skills, and take a name from there.',
  SKILL_INVALID: 'Give the arguments that the message names.',
  INVALID_STATE: 'Look at the state of what you named, and do what the message says.',
  INVALID_OPTIONS: 'Correct the arguments and call the tool again.',
  POOL_CLOSED: 'The pool takes no more work: tell the person to start it again.',
  TIMEOUT: 'The work goes on: call `pool_wait` with its id.',
  CANCELLED: 'Submit the task again if it is still wanted.',
  CLAUDE_NOT_FOUND: 'Ask the person to install Claude Code, or to name it with `--claude`.',
  CLAUDE_AUTH: 'Ask the person to log in to Claude Code, then submit the task again.',
  CLAUDE_PROTOCOL: 'Ask the person to update Claude Code.',
  POOL_UNREACHABLE: 'Tell the person: no pool runs where one was expected.',
  USAGE_LIMIT: 'Wait until the limit is lifted; `pool_status` tells when.',
  WORKTREE: 'Tell the person: the message says what git could not do.',
  STORE: 'Tell the person: the pool cannot write to its state folder.',
  INTERNAL: 'This is a fault of claude-pool: tell the person, with the message.',
} satisfies Record<PoolErrorCode | 'INTERNAL', string>;
