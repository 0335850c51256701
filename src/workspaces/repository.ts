import { createHash } from 'node:crypto';
import { realpath } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { runAnnouncedGit } from './announced-git.ts';
import { gitEnvironment } from './git-environment.ts';
import { runGit } from './git.ts';
import type { GitAnswer } from './git.ts';
import { parse } from '../parse.ts';
import { workspacesOptions } from './options.ts';
import type { GitWorkspacesOptions } from './options.ts';
import { worktreeError } from './worktree-error.ts';

export interface GitRun {
  readonly signal: AbortSignal;
  /** @default the folder that the repository was opened with */
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Held by git's process until it has ended, also when this process dies before. */
  readonly lock?: string;
}

/** An opened repository, and where its pools keep what is theirs. */
export interface Repository {
  readonly pool: string;
  readonly base: string;
  /** The folder that the repository was opened with. */
  readonly home: string;
  /** The git folder that all worktrees share. */
  readonly commonDir: string;
  /** Locks and leases of all pools. */
  readonly stateDir: string;
  /** Worktrees of all pools, each in `<pool>/<id>`. */
  readonly worktreesDir: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Runs git; the caller looks at the exit code. */
  readonly ask: (args: readonly string[], run: GitRun) => Promise<GitAnswer>;
  /** Runs git and returns what it printed, without the last line break. Rejects with `WORKTREE` when it fails. */
  readonly git: (args: readonly string[], run: GitRun) => Promise<string>;
}

const OLDEST = [2, 38] as const;
const HALF_MADE = /failed to read .*worktrees\/[^/]+\/(?:commondir|gitdir|HEAD)/;
const TRIES = 20;

/** Checks that worktrees can be made there. Rejects with `WORKTREE`. */
export async function openRepository(
  options: GitWorkspacesOptions,
  signal: AbortSignal,
): Promise<Repository> {
  const { repository: folder, pool, base, env, folder: chosen } = parse(workspacesOptions, options);
  const gitEnv = gitEnvironment(env);
  const ask: Repository['ask'] = (args, { signal: ends, cwd = folder, env: more, lock }) =>
    askAgain(() => {
      const call = { signal: ends, cwd, env: { ...gitEnv, ...more } };
      return lock === undefined ? runGit(args, call) : runAnnouncedGit(args, { ...call, lock });
    });
  const git: Repository['git'] = async (args, run) => wordsOf(args, await ask(args, run));
  await demandVersion(await git(['version'], { signal }));
  const commonDir = await commonDirOf(folder, await ask(['rev-parse', '--git-common-dir'], { signal }));
  const stateDir = path.join(commonDir, 'claude-pool');
  const root = chosen ?? path.join(env['HOME'] ?? homedir(), '.claude-pool', 'worktrees');
  const worktreesDir = path.join(path.resolve(root), spaceOf(commonDir));
  return { pool, base, home: path.resolve(folder), commonDir, stateDir, worktreesDir, env, ask, git };
}

/** Beside a `git worktree add`, ours or another's, git fails at once when it looks at a worktree half made. */
async function askAgain(ask: () => Promise<GitAnswer>): Promise<GitAnswer> {
  for (let count = 1; ; count += 1) {
    const answer = await ask();
    if (count === TRIES || !HALF_MADE.test(answer.stderr)) return answer;
  }
}

function wordsOf(args: readonly string[], { exitCode, stdout, stderr }: GitAnswer): string {
  if (exitCode === 0) return stdout.replace(/\n$/, '');
  const words = stderr.trim() === '' ? stdout.trim() : stderr.trim();
  throw worktreeError(
    `Expected \`git ${args.slice(0, 2).join(' ')}\` to succeed, got exit code ${exitCode}: ${words}`,
  );
}

async function demandVersion(text: string): Promise<void> {
  const [major = 0, minor = 0] = (/\d+\.\d+/.exec(text)?.[0] ?? '').split('.').map(Number);
  if (major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1])) return;
  throw worktreeError(`Expected git ${OLDEST.join('.')} or newer, got \`${text}\`. Install a newer git.`);
}

async function commonDirOf(folder: string, { exitCode, stdout, stderr }: GitAnswer): Promise<string> {
  if (exitCode === 0) return realpath(path.resolve(folder, stdout.trim()));
  throw worktreeError(
    `Expected \`${folder}\` to be a git repository, got: ${stderr.trim()}. Run \`git init\` there, or do without worktrees.`,
  );
}

/** Of two repositories with one name, each has its own. */
function spaceOf(commonDir: string): string {
  const place = path.basename(commonDir) === '.git' ? path.dirname(commonDir) : commonDir;
  const mark = createHash('sha256').update(commonDir).digest('hex').slice(0, 8);
  return `${path.basename(place)}-${mark}`;
}
