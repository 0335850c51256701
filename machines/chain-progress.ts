import type { ChainContext, ChainInput, ChainOutput } from './chain-types.ts';
import type { ChainStep, StepEnded, StepInput, StepResult } from './step-types.ts';
import { nameOf, referencesOf } from './template.ts';
import type { TemplateValues } from './template.ts';
import type { Timestamp } from './types.ts';

/** The context of a chain that was just submitted. */
export function openChain({ steps, ...input }: ChainInput): ChainContext {
  return {
    ...input,
    groups: steps
      .map((part) => ('parallel' in part ? part.parallel : [part]))
      .filter((group) => group.length > 0),
    group: 0,
    openTasks: [],
    submitted: 0,
    results: [],
    values: {},
    spend: 0,
    spendEstimated: false,
  };
}

export function currentGroup({ groups, group }: ChainContext): readonly ChainStep[] {
  return groups[group] ?? [];
}

/** Steps of the group at work that have not ended. */
export function workingSteps(context: ChainContext): readonly ChainStep[] {
  return currentGroup(context).filter(({ name }) => resultOf(context, name) === undefined);
}

/** What each step of the group at work is started with: of all values only those that it refers to. */
export function stepInputs(context: ChainContext, at: Timestamp): readonly StepInput[] {
  return currentGroup(context).map((step, place) => ({ step, place, values: valuesFor(context, step), at }));
}

export function withResult(context: ChainContext, { result, delivered }: StepEnded): ChainContext {
  const named = Object.entries(delivered).map(([value, text]) => [`steps.${result.name}.${value}`, text]);
  return {
    ...context,
    results: [...context.results, result],
    values: { ...context.values, ...Object.fromEntries(named) },
  };
}

/** Every step, with those that were never started as skipped. */
export function allResults(context: ChainContext, reason: string): readonly StepResult[] {
  return context.groups.flat().map(({ name }) => resultOf(context, name) ?? skipped(name, reason));
}

export function outputOf(context: ChainContext): ChainOutput {
  const { id, results, spend, spendEstimated } = context;
  const error = results.find(({ status }) => status === 'failed')?.error;
  const output = latestOutput(context, context.groups.length) ?? '';
  return { chainId: id, output, steps: results, spend, spendEstimated, ...(error && { error }) };
}

function valuesFor(context: ChainContext, step: ChainStep): TemplateValues {
  const templates = [step.prompt, step.recoveryPrompt ?? [], step.when?.value ?? []];
  const entries = templates.flatMap(referencesOf).map((reference) => {
    if (reference.ref === 'previous_output') return [nameOf(reference), latestOutput(context, context.group)];
    if (reference.ref === 'step' && reference.value === 'output') {
      return [nameOf(reference), answerOf(context, reference.step)];
    }
    return [nameOf(reference), context.values[nameOf(reference)]];
  });
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined));
}

function answerOf(context: ChainContext, name: string): string | undefined {
  const result = resultOf(context, name);
  return result?.status === 'succeeded' ? result.output : undefined;
}

/** Text of the last steps before that group that succeeded; those of a group stand below their names. */
function latestOutput(context: ChainContext, before: number): string | undefined {
  const group = context.groups
    .slice(0, before)
    .findLast((steps) => steps.some(({ name }) => answerOf(context, name) !== undefined));
  if (group === undefined) return undefined;
  const [only, ...others] = group;
  if (only !== undefined && others.length === 0) return answerOf(context, only.name);
  const texts = group.flatMap(({ name }) => {
    const answer = answerOf(context, name);
    return answer === undefined ? [] : [`## ${name}\n\n${answer}`];
  });
  return texts.join('\n\n');
}

function resultOf({ results }: ChainContext, name: string): StepResult | undefined {
  return results.find((result) => result.name === name);
}

function skipped(name: string, reason: string): StepResult {
  return {
    name,
    status: 'skipped',
    output: '',
    attempts: 0,
    retriesUsed: 0,
    recovered: false,
    recoverable: false,
    spend: 0,
    spendEstimated: false,
    taskIds: [],
    reason,
  };
}
