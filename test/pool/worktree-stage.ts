import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { onTestFinished } from 'vitest';
import type { PoolOptions, TaskResult } from 'claude-pool';
import type { Answer, Rule, Script } from 'claude-pool/testing';
import { gitIn, makeRepository, writeIn } from '../contracts/workspaces-stage.ts';
import { eventOf, fakePool } from './stage.ts';
import type { Stage } from './stage.ts';

const CLAUDE = "git -c user.name=Claude -c user.email=claude@example.com commit -qm 'Say hello'";
/** A task that commits a new file. */
export const HELLO = bash('hello', 'echo hello > hello.txt; git add .', CLAUDE);

export interface Site {
  readonly home: string;
  /** The user's checkout of `main`, with one commit of `a.txt` and `b.txt`. */
  readonly repository: string;
  /** What a pool needs to work on it, away from the user's home. */
  readonly options: PoolOptions;
  readonly git: (...args: string[]) => Promise<string>;
  readonly write: (file: string, text: string) => Promise<void>;
  /** All that a user can see of his repository without looking for claude-pool. */
  readonly checkout: () => Promise<readonly string[]>;
}

/** A repository in a folder that goes with the test. */
export async function site(): Promise<Site> {
  const home = await realpath(await mkdtemp(path.join(tmpdir(), 'pool-worktrees-')));
  onTestFinished(() => rm(home, { recursive: true, force: true, maxRetries: 5 }));
  const repository = path.join(home, 'repository');
  await makeRepository(repository);
  const git: Site['git'] = (...args) => gitIn(repository, ...args);
  return {
    home,
    repository,
    options: { repository, worktreeDir: path.join(home, 'worktrees'), permissionMode: 'bypassPermissions' },
    git,
    write: (file, text) => writeIn(repository, file, text),
    checkout: async () => [
      await git('rev-parse', 'HEAD'),
      await git('symbolic-ref', 'HEAD'),
      await git('status', '--porcelain'),
      await git('diff'),
      await git('diff', '--cached'),
      await git('for-each-ref', 'refs/heads/main', 'refs/tags', 'refs/stash'),
    ],
  };
}

/** Claude runs the commands, one after the other, then says so. */
export function bash(when: string, ...commands: readonly string[]): Rule {
  return { when, answers: answersOf(commands) };
}

/** A pool of one slot with a worktree. */
export function reviewStage({ options }: Site, script: Script): Promise<Stage> {
  return fakePool(script, { ...options, slots: 1, worktree: true });
}

/** A task whose result waits for review. */
export async function reviewed(stage: Stage, prompt: string): Promise<string> {
  const id = await stage.pool.submitWithReview(prompt);
  await eventOf(stage, (event) => event.type === 'task.pendingReview' && event.taskId === id);
  return id;
}

export function workOf({ workspace }: TaskResult): NonNullable<TaskResult['workspace']> {
  if (workspace === undefined) throw new Error('Expected a task that worked in a worktree.');
  return workspace;
}

function answersOf(commands: readonly string[]): readonly Answer[] {
  const uses = commands.map((command) => ({ toolUse: { name: 'Bash', input: { command } } }));
  return [...uses, { text: 'done' }];
}
