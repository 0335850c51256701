import type { ChainInput, ChainPart } from '../../machines/chain-types.ts';
import type { ChainStep } from '../../machines/step-types.ts';
import type { TaskOptions } from '../../machines/task-types.ts';
import { referencesOf } from '../../machines/template.ts';
import type { Template, TemplateReference } from '../../machines/template.ts';
import { PoolError } from '../errors.ts';
import { microsOf } from '../money.ts';
import type { ChainDraft, StepDraft } from './chain-draft.ts';
import { insertArguments, insertedText } from './insert-arguments.ts';
import type { ArgumentTexts } from './insert-arguments.ts';

/** What the texts of a chain are made of, beside themselves. */
export interface ChainParts {
  /** Gaps of the chain, as `{NAME}` in its texts. */
  readonly arguments?: Readonly<Record<string, string | number | boolean>>;
  /** Reads the options of a step as those of a task. */
  readonly parseOptions: (options: object) => TaskOptions;
  /** Gives a skill's prompt with its arguments in it, and the options that the skill sets below those of the step. */
  readonly compileSkill: (
    name: string,
    args: Readonly<Record<string, Template>>,
    options: object,
  ) => CompiledSkill;
}

export interface CompiledSkill {
  readonly prompt: Template;
  readonly options?: object;
}

/** A chain as the machine takes it. Throws `INVALID_OPTIONS` for arguments that are missing or not known. */
export function instantiateChain(
  chain: ChainDraft,
  parts: ChainParts,
): Pick<ChainInput, 'steps' | 'options'> {
  const args = argumentTexts(chain, parts.arguments ?? {});
  const { onFailure, session, maxBudgetUsd, tags } = chain.options;
  return {
    steps: chain.steps.map((part, index): ChainPart => {
      const compile = (step: StepDraft) => compileStep(step, { args, parts, isFirst: index === 0 });
      return 'parallel' in part ? { parallel: part.parallel.map(compile) } : compile(part);
    }),
    options: {
      onFailure,
      session,
      ...(maxBudgetUsd !== undefined && { capMicros: microsOf(maxBudgetUsd) }),
      ...(tags !== undefined && { tags }),
    },
  };
}

function argumentTexts(
  { name = '', arguments: declared = [] }: ChainDraft,
  given: NonNullable<ChainParts['arguments']>,
): ArgumentTexts {
  const known = declared.map((argument) => argument.name);
  const unknown = Object.keys(given).filter((key) => !known.includes(key));
  const missing = declared.filter((argument) => argument.required && given[argument.name] === undefined);
  if (unknown.length > 0)
    throw argumentFault(`Expected the chain \`${name}\` to be given only`, known, unknown);
  if (missing.length > 0) {
    const names = missing.map((argument) => argument.name);
    throw argumentFault(`Expected the chain \`${name}\` to be given`, names, Object.keys(given));
  }
  return new Map(known.map((key) => [key, String(given[key] ?? '')]));
}

function argumentFault(opening: string, wanted: readonly string[], got: readonly string[]): PoolError {
  return new PoolError('INVALID_OPTIONS', `${opening} ${listed(wanted)}, got ${listed(got)}.`);
}

function listed(names: readonly string[]): string {
  return names.length === 0 ? 'no arguments' : names.map((name) => `\`${name}\``).join(', ');
}

interface StepParts {
  readonly args: ArgumentTexts;
  readonly parts: ChainParts;
  readonly isFirst: boolean;
}

function compileStep(step: StepDraft, { args, parts, isFirst }: StepParts): ChainStep {
  const { name, retries, recoveryPrompt, outputs, when } = step;
  const { prompt, options } = naming(name, () => compileTask(step, { args, parts, isFirst }));
  return {
    name,
    prompt,
    retries,
    options,
    ...(recoveryPrompt !== undefined && { recoveryPrompt: insertArguments(recoveryPrompt, args) }),
    ...(outputs !== undefined && { outputs }),
    ...(when !== undefined && { when: compileCondition(when, args) }),
  };
}

function compileTask(
  step: StepDraft,
  { args, parts, isFirst }: StepParts,
): Pick<ChainStep, 'prompt' | 'options'> {
  const { prompt = '', skill, arguments: given = {}, options = {} } = step;
  if (skill === undefined) {
    return { prompt: insertArguments(prompt, args), options: parts.parseOptions(options) };
  }
  const values = Object.entries(given).map(([key, value]) => [key, insertArguments(String(value), args)]);
  const compiled = parts.compileSkill(skill, Object.fromEntries(values), options);
  return {
    prompt: isFirst ? compiled.prompt : piped(compiled.prompt),
    options: parts.parseOptions({ ...compiled.options, ...options }),
  };
}

/** A skill knows nothing of chains: what it does not ask for is put below it. */
const BEFORE: TemplateReference = { ref: 'previous_output', intro: '\n\nOutput of the step before:\n' };

function piped(prompt: Template): Template {
  return referencesOf(prompt).length > 0 ? prompt : [...prompt, BEFORE];
}

function compileCondition(
  { value, equals, notEquals }: NonNullable<StepDraft['when']>,
  args: ArgumentTexts,
): NonNullable<ChainStep['when']> {
  return {
    value: insertArguments(value, args),
    ...(equals !== undefined && { equals: insertedText(equals, args) }),
    ...(notEquals !== undefined && { notEquals: insertedText(notEquals, args) }),
  };
}

/** Says in which step the fault lies. */
function naming<Result>(step: string, compile: () => Result): Result {
  try {
    return compile();
  } catch (error) {
    if (!(error instanceof PoolError)) throw error;
    throw new PoolError(error.code, `Step \`${step}\`: ${error.message}`, { cause: error });
  }
}
