/** A chain whose form was found good, with its defaults filled in. */
export interface ChainDraft {
  readonly name?: string;
  readonly description?: string | undefined;
  readonly arguments?: readonly ArgumentDraft[];
  readonly steps: readonly PartDraft[];
  readonly options: {
    readonly onFailure: 'abort' | 'continue';
    readonly session: 'chain' | 'fresh';
    readonly maxBudgetUsd?: number | undefined;
    readonly tags?: readonly string[] | undefined;
  };
}

export interface ArgumentDraft {
  readonly name: string;
  readonly description?: string | undefined;
  readonly required: boolean;
}

export type PartDraft = StepDraft | { readonly parallel: readonly StepDraft[] };

export interface StepDraft {
  readonly name: string;
  readonly prompt?: string | undefined;
  readonly skill?: string | undefined;
  readonly arguments?: Readonly<Record<string, string | number | boolean>> | undefined;
  readonly retries: number;
  readonly recoveryPrompt?: string | undefined;
  readonly outputs?: Readonly<Record<string, string>> | undefined;
  readonly when?:
    | {
        readonly value: string;
        readonly equals?: string | undefined;
        readonly notEquals?: string | undefined;
      }
    | undefined;
  readonly options?: object | undefined;
}
