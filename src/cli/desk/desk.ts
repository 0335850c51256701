import type {
  Abortable,
  ApproveOptions,
  ChainInfo,
  ChainOptions,
  ChainSource,
  DrainOptions,
  DrainSummary,
  ListedSkill,
  PoolStatus,
  SkillArguments,
  TaskOptions,
  TaskRequest,
  TaskResult,
} from '../../index.ts';
import type { Failure } from '../failure.ts';

/**
 * All that commands ask of a pool, in their own process or in another one: each call takes one object and gives data
 * that JSON can carry. Only the `signal` stays here.
 */
export interface Desk {
  /** Submits all or none: their ids, in order. */
  submit(
    call: { readonly requests: readonly TaskRequest[]; readonly isReviewed?: boolean } & Abortable,
  ): Promise<readonly string[]>;
  submitChain(
    call: { readonly source: ChainSource; readonly options?: ChainOptions } & Abortable,
  ): Promise<string>;
  submitSkill(
    call: {
      readonly name: string;
      readonly args?: SkillArguments;
      readonly options?: TaskOptions;
    } & Abortable,
  ): Promise<string>;
  /** How a task or a chain ended, as soon as it has, or waits for a review. */
  settled(call: Named): Promise<Settled>;
  cancel(call: Named): Promise<Settled>;
  approve(call: Named & Omit<ApproveOptions, 'signal'>): Promise<TaskResult>;
  /** Resolves with the state of the task. */
  reject(call: Named & { readonly feedback: string }): Promise<string>;
  diff(call: Named): Promise<string>;
  skills(call: Abortable): Promise<readonly ListedSkill[]>;
  skill(call: { readonly name: string } & Abortable): Promise<ListedSkill>;
  status(call?: Abortable): Promise<PoolStatus>;
  context(call?: Abortable): Promise<Readonly<Record<string, string>>>;
  setContext(call: { readonly key: string; readonly value: string } & Abortable): Promise<void>;
  /** Whether there was such an entry. */
  deleteContext(call: { readonly key: string } & Abortable): Promise<boolean>;
  drain(call: DrainOptions & Abortable): Promise<DrainSummary>;
  /** The text of a running task so far. */
  text(call: Named): Promise<string>;
  /** The text of a task, as it comes. */
  output(call: Named): Promise<AsyncIterable<string>>;
  /** What happens to tasks and chains, from now on. */
  news(call: Abortable): Promise<AsyncIterable<News>>;
  /** The pool as it is, again whenever it has changed. */
  views(call: Abortable): Promise<AsyncIterable<View>>;
}

interface Named extends Abortable {
  /** Of a task or a chain. */
  readonly id: string;
}

/** A task or a chain that goes on no more by itself. */
export interface Settled {
  readonly id: string;
  readonly state: 'completed' | 'failed' | 'cancelled' | 'pendingReview';
  readonly output: string;
  /** Absent when it is not known any more. */
  readonly spendUsd?: number;
  readonly result?: TaskResult;
  readonly chain?: ChainInfo;
  readonly error?: Failure;
}

/** Something that happened to a task or a chain. */
export interface News {
  readonly at: number;
  readonly id: string;
  readonly title: string;
  /** What became of it: the second half of an event's type. */
  readonly change: string;
  readonly slotId?: string;
  readonly reason?: string;
  readonly until?: number;
  readonly spendUsd?: number;
}

/** A pool at one moment. */
export interface View {
  readonly status: PoolStatus;
  /** The tasks on slots, by their ids. */
  readonly running: Readonly<Record<string, RunningTask>>;
}

export interface RunningTask {
  readonly title: string;
  readonly startedAt?: number;
  readonly spendUsd: number;
  /** The end of what it has written. */
  readonly words: string;
}
