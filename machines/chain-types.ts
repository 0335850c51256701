import type { ChainStep, StepFault, StepNotice, StepResult, TaskEnded } from './step-types.ts';
import type { TaskInput } from './task-types.ts';
import type { Micros, Timestamp } from './types.ts';

/** One step, or several that run beside each other and are joined before the next. */
export type ChainPart = ChainStep | { readonly parallel: readonly ChainStep[] };

/** What holds for all steps of a chain. */
export interface ChainOptions {
  /** Whether the first failed step ends the chain. */
  readonly onFailure: 'abort' | 'continue';
  /** Whether steps go on with the conversation of the step before, or each starts clean. */
  readonly session: 'chain' | 'fresh';
  /** Spending cap of the whole chain. */
  readonly capMicros?: Micros;
  /** Added to the tags of every task. */
  readonly tags?: readonly string[];
}

/** What a chain is started with. */
export interface ChainInput {
  readonly id: string;
  /** Place in the pool's order of submission, which its tasks share. */
  readonly seq: number;
  /** Names are unique within the chain. */
  readonly steps: readonly ChainPart[];
  readonly options: ChainOptions;
  readonly submittedAt: Timestamp;
}

/** What a chain knows. */
export interface ChainContext extends Omit<ChainInput, 'steps'> {
  /** Steps that run beside each other, in the order of the groups. None is empty. */
  readonly groups: readonly (readonly ChainStep[])[];
  /** The group at work. */
  readonly group: number;
  /** Tasks that have not ended. */
  readonly openTasks: readonly OpenTask[];
  /** Tasks that were submitted so far. */
  readonly submitted: number;
  readonly results: readonly StepResult[];
  /** Values that steps delivered, by the names that templates have for them. */
  readonly values: Readonly<Record<string, string>>;
  readonly spend: Micros;
  readonly spendEstimated: boolean;
  readonly startedAt?: Timestamp;
  readonly endedAt?: Timestamp;
}

export interface OpenTask {
  readonly taskId: string;
  /** Place of its step in the group. */
  readonly place: number;
  /** Counts the tasks of the step, from 1. */
  readonly attempt: number;
  readonly capMicros?: Micros;
  readonly submittedAt: Timestamp;
}

/** What a chain hears: commands, the ends of its tasks, and what its steps say. */
export type ChainEvent =
  | { readonly type: 'chain.start'; readonly at: Timestamp }
  | { readonly type: 'chain.cancel'; readonly at: Timestamp }
  | TaskEnded
  | StepNotice;

/** What a chain tells its parent. */
export type ChainNotice =
  /** Wants the task to be run, and `task.ended` when it has ended. */
  | {
      readonly type: 'chain.taskSubmitted';
      readonly chainId: string;
      readonly input: TaskInput;
      readonly at: Timestamp;
    }
  /** Wants the task to be cancelled; `task.ended` is waited for. */
  | {
      readonly type: 'chain.taskCancelled';
      readonly chainId: string;
      readonly taskId: string;
      readonly at: Timestamp;
    };

/** How a chain ended. */
export interface ChainOutput {
  readonly chainId: string;
  /** Text of the last steps that succeeded. */
  readonly output: string;
  /** One for every step, in the order of the chain. */
  readonly steps: readonly StepResult[];
  readonly spend: Micros;
  readonly spendEstimated: boolean;
  /** What the first step that failed died of. */
  readonly error?: StepFault;
}
