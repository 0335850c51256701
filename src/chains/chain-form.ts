/** A chain as it is written: in a program or in a file. */
export interface ChainForm<Options extends object = object> {
  readonly steps: readonly ChainPartForm<Options>[];
  readonly options?: ChainFormOptions;
}

/** A chain of a file: it has a name, and gaps for arguments. */
export interface ChainTemplateForm<Options extends object = object> extends ChainForm<Options> {
  readonly name: string;
  readonly description?: string;
  /** What `{NAME}` stands for in the texts of the steps. */
  readonly arguments?: readonly ChainArgumentForm[];
}

/** An argument of a chain. */
export interface ChainArgumentForm {
  readonly name: string;
  readonly description?: string;
  /** An argument that is not required is empty when it is not given. @default false */
  readonly required?: boolean;
}

/** One step, or several that run beside each other and are joined before the next. */
export type ChainPartForm<Options extends object = object> =
  ChainStepForm<Options> | { readonly parallel: readonly ChainStepForm<Options>[] };

/** A step has a `prompt` or a `skill`. Its texts may hold `{previous_output}` and `{steps.NAME.VALUE}`. */
export interface ChainStepForm<Options extends object = object> {
  /** Unique within the chain. */
  readonly name: string;
  readonly prompt?: string;
  readonly skill?: string;
  /** Arguments of the skill. */
  readonly arguments?: Readonly<Record<string, string | number | boolean>>;
  /** Tasks after the first that may try the step again. @default 0 */
  readonly retries?: number;
  /** Tried once when every retry is spent; it may hold `{error}` too. */
  readonly recoveryPrompt?: string;
  /** Values of the answer that later steps refer to, each with its path: `a.b[0].c`, or `.` for all. */
  readonly outputs?: Readonly<Record<string, string>>;
  /** The step is skipped unless the value is equal, or is not. */
  readonly when?: { readonly value: string; readonly equals?: string; readonly notEquals?: string };
  /** Options of the step's tasks. */
  readonly options?: Options;
}

/** What holds for all steps of a chain. */
export interface ChainFormOptions {
  /** Whether the first failed step ends the chain. @default 'abort' */
  readonly onFailure?: 'abort' | 'continue';
  /** Whether steps go on with the conversation of the step before. @default 'chain' */
  readonly session?: 'chain' | 'fresh';
  /** Cap on what the chain spends, in US dollars. @default no cap */
  readonly maxBudgetUsd?: number;
  /** Added to the tags of every task. */
  readonly tags?: readonly string[];
}
