import type { TaskOptions } from './task-types.ts';
import type { Template, TemplateValues } from './template.ts';
import type { Micros, Timestamp } from './types.ts';
import type { VerdictName } from './verdict-types.ts';

/** One step of a chain, ready to run. */
export interface ChainStep {
  readonly name: string;
  readonly prompt: Template;
  /** Tasks after the first that may try the prompt again. */
  readonly retries: number;
  /** Tried once when every retry is spent; it may refer to `{error}`. */
  readonly recoveryPrompt?: Template;
  /** Values that later steps refer to, each with its path in the answer. */
  readonly outputs?: Readonly<Record<string, string>>;
  readonly when?: StepCondition;
  readonly options: TaskOptions;
}

/** When a step is run. Both sides are compared without the white space around them. */
export interface StepCondition {
  readonly value: Template;
  readonly equals?: string;
  readonly notEquals?: string;
}

/** What a step died of: the code and message of a `PoolError`. */
export interface StepFault {
  readonly code: string;
  readonly message: string;
}

/** How a task of a step has ended. */
export interface StepTaskOutcome {
  readonly status: 'completed' | 'failed' | 'cancelled';
  readonly output: string;
  readonly structuredOutput?: unknown;
  readonly error?: StepFault;
  readonly verdict?: VerdictName;
  /** What all attempts of the task have spent. */
  readonly spend: Micros;
  readonly spendEstimated: boolean;
  readonly sessionId?: string;
  readonly slotId?: string;
  /** Absent when no attempt was started. */
  readonly startedAt?: Timestamp;
  readonly endedAt: Timestamp;
}

/** A task of a step is over. */
export interface TaskEnded {
  readonly type: 'task.ended';
  readonly taskId: string;
  readonly outcome: StepTaskOutcome;
  readonly at: Timestamp;
}

/** How a step ended. */
export type StepStatus = 'succeeded' | 'failed' | 'skipped' | 'cancelled';

/** How a step ended, and what it delivered. */
export interface StepResult {
  readonly name: string;
  readonly status: StepStatus;
  /** Text of the last task. */
  readonly output: string;
  /** Tasks that were run. */
  readonly attempts: number;
  readonly retriesUsed: number;
  /** Whether the recovery prompt saved the step. */
  readonly recovered: boolean;
  /** Whether the step failed of something that another run may not meet. */
  readonly recoverable: boolean;
  readonly spend: Micros;
  readonly spendEstimated: boolean;
  readonly startedAt?: Timestamp;
  readonly endedAt?: Timestamp;
  readonly taskIds: readonly string[];
  readonly error?: StepFault;
  /** Why it was skipped. */
  readonly reason?: string;
}

/** What a step is started with. */
export interface StepInput {
  readonly step: ChainStep;
  /** Its place among the steps that run beside each other. */
  readonly place: number;
  /** What its templates refer to, as far as it exists. */
  readonly values: TemplateValues;
  readonly at: Timestamp;
}

/** What a step knows. */
export interface StepContext extends StepInput {
  readonly taskIds: readonly string[];
  readonly retriesUsed: number;
  readonly recovered: boolean;
  readonly spend: Micros;
  readonly spendEstimated: boolean;
  readonly output: string;
  /** The values that its answer delivered. */
  readonly delivered: Readonly<Record<string, string>>;
  /** Why its last task failed, or why there was none. */
  readonly error?: StepFault | undefined;
}

/** What a step hears. */
export type StepEvent =
  | TaskEnded
  /** No task is run for the request. */
  | { readonly type: 'task.refused'; readonly error: StepFault; readonly at: Timestamp }
  /** Its task is being cancelled; `task.ended` or `task.refused` is waited for. */
  | { readonly type: 'step.cancel'; readonly at: Timestamp };

/** What a step tells its chain. */
export type StepNotice = StepTaskRequested | StepEnded;

export interface StepTaskRequested {
  readonly type: 'step.taskRequested';
  readonly place: number;
  readonly prompt: string;
  /** Counts the step's tasks, from 1. */
  readonly attempt: number;
  readonly at: Timestamp;
}

export interface StepEnded {
  readonly type: 'step.ended';
  readonly place: number;
  readonly result: StepResult;
  readonly delivered: Readonly<Record<string, string>>;
  readonly at: Timestamp;
}
