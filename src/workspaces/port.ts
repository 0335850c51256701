/** Ends the call early; it rejects with the signal's reason then. */
export interface WorkspaceCall {
  readonly signal: AbortSignal;
}

/** A folder of its own for one slot, task or chain. */
export interface Workspace {
  readonly id: string;
  readonly path: string;
  /** Short name, such as `claude-pool/main/slot-0`. */
  readonly branch: string;
  /** The commit at which the task starts. */
  readonly base: string;
  /** Paths of uncommitted changes in the main checkout, which the workspace therefore lacks. */
  readonly missing: readonly string[];
  /** The task that was there last, in a workspace that was adopted. */
  readonly task?: string;
}

export interface AcquireOptions extends WorkspaceCall {
  /** Id of the slot, task or chain. */
  readonly id: string;
  /** The task that will work there. */
  readonly task: string;
  /** Its attempt. @default 1 */
  readonly attempt?: number;
  /** Any name of a commit. @default the option `base` of the workspaces */
  readonly base?: string;
  /** What the task has done so far elsewhere: it goes on from there. */
  readonly work?: SavedWork;
}

/** Work that was done in a workspace, as a commit. */
export interface SavedWork {
  readonly ref: string;
  /** The commit that the work is compared with. */
  readonly base: string;
  /** The last commit holds what was not committed. */
  readonly dirty: boolean;
}

export type ResetOptions = Omit<AcquireOptions, 'id'>;

export interface PreserveOptions extends WorkspaceCall {
  readonly task: string;
  readonly attempt: number;
}

/** A workspace as it is on the disk, or a branch or preserved ref, against its base. */
export type DiffSubject =
  | Pick<Workspace, 'id' | 'base'>
  /** Without `base`: since it left the option `base` of the workspaces. */
  | { readonly from: string; readonly base?: string };

export interface FileChange {
  readonly path: string;
  /** Lines; `undefined` for a binary file. */
  readonly added: number | undefined;
  readonly deleted: number | undefined;
}

/** What a task has done to its workspace. */
export interface WorkspaceReport {
  readonly branch: string;
  readonly base: string;
  /** Commits since the base, oldest first. */
  readonly commits: readonly string[];
  /** Against the base, with what is not committed. */
  readonly filesChanged: readonly FileChange[];
  /** Such as ` 2 files changed, 3 insertions(+)`, with a line for each file before it. */
  readonly diffStat: string;
  /** Something is not committed. */
  readonly dirty: boolean;
  readonly preservedRef?: string;
}

/** A worktree that this repository's pools know, whoever holds it. */
export interface WorktreeEntry {
  readonly pool: string;
  readonly id: string;
  readonly path: string;
  readonly branch: string;
  readonly task: string | undefined;
  /** `held` by a live process, `free` to be acquired, or the leftover of a process that died. */
  readonly status: 'held' | 'free' | 'abandoned';
}

/** Saved work. */
export interface PreservedEntry {
  readonly ref: string;
  readonly task: string;
  readonly commit: string;
  /** ISO 8601. */
  readonly savedAt: string;
}

/** All worktrees of a repository, and all work that was saved. */
export interface WorkspaceList {
  readonly worktrees: readonly WorktreeEntry[];
  readonly preserved: readonly PreservedEntry[];
}

export interface RestoreOptions extends WorkspaceCall {
  /** A preserved ref, as `preserve` and `list` give it. */
  readonly ref: string;
  /** Name of the branch that is created at it. */
  readonly branch: string;
}

export interface PruneOptions extends WorkspaceCall {
  /** Says what would go, and removes nothing. @default false */
  readonly dryRun?: boolean;
}

/** What was removed, and what could not be. */
export interface Pruned {
  readonly removed: readonly WorktreeEntry[];
  readonly kept: readonly { readonly worktree: WorktreeEntry; readonly reason: string }[];
}

/** How work gets into a branch: by moving it on, with a merge commit, as one commit, or as its commits. */
export type MergeMode = 'ff' | 'merge' | 'squash' | 'rebase';

export interface IntegrateOptions extends WorkspaceCall {
  /** A branch, or a preserved ref. */
  readonly from: string;
  /** Short name of the branch that takes it in. @default the branch that `repository` has checked out */
  readonly into?: string;
  readonly mode: MergeMode;
  /** Message of the commit of `merge` and `squash`. @default one that names `from` and `into` */
  readonly message?: string;
  /** A program with its arguments; it runs in a checkout of the outcome, which is taken only when it exits with 0. */
  readonly verify?: readonly [string, ...string[]];
  /** Milliseconds for `verify`. @default 600000 */
  readonly verifyTimeoutMs?: number;
}

/** Only after `merged` has anything changed. */
export type Integration =
  | { readonly status: 'merged'; readonly into: string; readonly commit: string; readonly previous: string }
  | { readonly status: 'conflict'; readonly into: string; readonly files: readonly string[] }
  /** `ff` was asked for, and the target has commits of its own. */
  | { readonly status: 'diverged'; readonly into: string }
  | { readonly status: 'rejected'; readonly into: string; readonly output: string };

/** The port behind which each slot, task or chain has a folder of its own. All errors are `WORKTREE`. */
export interface Workspaces {
  /** Rejects where no workspace can be made. */
  check(call: WorkspaceCall): Promise<void>;
  /** Creates the workspace, or takes the free one of that id; clean and at its base in either case. */
  acquire(options: AcquireOptions): Promise<Workspace>;
  /** Takes the free workspace of that id with all that is in it; `undefined` when there is none. */
  adopt(id: string, call: WorkspaceCall): Promise<Workspace | undefined>;
  /** Makes the workspace clean and puts it at its base, after saving what the last task left. */
  reset(workspace: Workspace, options: ResetOptions): Promise<Workspace>;
  /** Saves what no other branch or preserved ref reaches, and says where; `undefined` when there is nothing. */
  preserve(workspace: Workspace, options: PreserveOptions): Promise<string | undefined>;
  describe(workspace: Workspace, call: WorkspaceCall): Promise<WorkspaceReport>;
  /** The patch from the base; of a workspace with what is not committed. */
  diff(subject: DiffSubject, call: WorkspaceCall): Promise<string>;
  /** Keeps the workspace on the disk and lets others acquire it. */
  release(workspace: Workspace, call: WorkspaceCall): Promise<void>;
  /** Saves what is not saved, then removes folder and branch. */
  remove(workspace: Workspace, call: WorkspaceCall): Promise<{ readonly preservedRef?: string }>;
  list(call: WorkspaceCall): Promise<WorkspaceList>;
  restore(options: RestoreOptions): Promise<void>;
  /** Removes what no live process holds, after saving what is not saved. */
  prune(options: PruneOptions): Promise<Pruned>;
  /** Takes work into a branch, one at a time in each repository. */
  integrate(options: IntegrateOptions): Promise<Integration>;
}
