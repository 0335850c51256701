import type { StepFault, StepInput } from './step-types.ts';
import { renderTemplate } from './template.ts';
import type { Template, TemplateValues } from './template.ts';

/** The name of a value that the step needs and nobody gave. */
export function missingValue(context: StepInput): string | undefined {
  const { step, values } = context;
  const inCondition = missingIn(step.when?.value ?? [], values);
  if (inCondition !== undefined || unmetCondition(context) !== undefined) return inCondition;
  return missingIn(step.prompt, values) ?? missingIn(step.recoveryPrompt ?? [], { ...values, error: '' });
}

function missingIn(template: Template, values: TemplateValues): string | undefined {
  const rendered = renderTemplate(template, values);
  return 'missing' in rendered ? rendered.missing : undefined;
}

export function lackOf(context: StepInput): StepFault {
  const name = missingValue(context) ?? '';
  return {
    code: 'VALUE_MISSING',
    message:
      `Expected \`{${name}}\` to have a value for the step \`${context.step.name}\`, got none, so it was not started. ` +
      'See whether the step that gives the value succeeded, and what it answered.',
  };
}

/** Why the step's condition does not let it run. */
export function unmetCondition({ step: { when }, values }: StepInput): string | undefined {
  if (when === undefined) return undefined;
  const rendered = renderTemplate(when.value, values);
  if ('missing' in rendered) return undefined;
  const value = rendered.text.trim();
  const isMet = when.equals === undefined || value === when.equals.trim();
  const isExcluded = when.notEquals !== undefined && value === when.notEquals.trim();
  if (isMet && !isExcluded) return undefined;
  return `The condition of the step is not met by \`${value.slice(0, 80)}\`.`;
}
