import type { z } from 'zod';
import { parseTemplate, referencesOf } from '../../machines/template.ts';
import type { TemplateReference } from '../../machines/template.ts';
import type { ChainDraft, StepDraft } from './chain-draft.ts';

type Path = readonly (string | number)[];
type Report = (path: Path, expected: string) => void;
/** Steps that have ended before, by name, with the values that they give. */
type Earlier = ReadonlyMap<string, readonly string[]>;

/** Reports what no single field shows: two names alike, half a step, a reference that leads nowhere. */
export function checkChain(chain: ChainDraft, context: z.RefinementCtx): void {
  const report: Report = (path, expected) => {
    context.addIssue({ code: 'custom', path: [...path], message: expected });
  };
  const earlier = new Map<string, readonly string[]>();
  const names = new Set<string>();
  for (const [index, part] of chain.steps.entries()) {
    const group = 'parallel' in part ? part.parallel : [part];
    const isGroup = 'parallel' in part;
    for (const [place, step] of group.entries()) {
      const path: Path = isGroup ? ['steps', index, 'parallel', place] : ['steps', index];
      if (names.has(step.name)) report([...path, 'name'], 'a name that no other step has');
      names.add(step.name);
      checkForm(step, (field, expected) => {
        report([...path, ...field], expected);
      });
      checkReferences(step, earlier, (field, expected) => {
        report([...path, ...field], expected);
      });
    }
    for (const { name, outputs = {} } of group) earlier.set(name, ['output', ...Object.keys(outputs)]);
  }
  checkArguments(chain, report);
}

function checkForm({ prompt, skill, arguments: args, outputs = {}, when }: StepDraft, report: Report): void {
  if ((prompt === undefined) === (skill === undefined)) report([], 'a step with either `prompt` or `skill`');
  if (args !== undefined && skill === undefined) report(['arguments'], 'left out: only a `skill` takes them');
  if (when !== undefined && when.equals === undefined && when.notEquals === undefined) {
    report(['when'], 'a condition with `equals` or `notEquals`');
  }
  for (const name of Object.keys(outputs).filter((key) => !isValueName(key))) {
    report(
      ['outputs', name],
      `a value of another name than \`${name}\`: without dots and braces, and not \`output\``,
    );
  }
}

/** `{steps.NAME.output}` is the whole text already. */
function isValueName(name: string): boolean {
  return name !== 'output' && /^[^\n.{}]+$/.test(name);
}

function checkReferences(step: StepDraft, earlier: Earlier, report: Report): void {
  for (const { path, text } of textsOf(step)) {
    for (const reference of referencesOf(parseTemplate(text))) {
      if (reference.ref === 'error' && path[0] === 'recoveryPrompt') continue;
      const fault = faultOf(reference, earlier);
      if (fault !== undefined) report(path, fault);
    }
  }
}

interface Text {
  readonly path: Path;
  readonly text: string;
}

function textsOf({ prompt, recoveryPrompt, when, arguments: args = {} }: StepDraft): readonly Text[] {
  const texts = [
    { path: ['prompt'], text: prompt },
    { path: ['recoveryPrompt'], text: recoveryPrompt },
    { path: ['when', 'value'], text: when?.value },
    ...Object.entries(args).map(([name, value]) => ({ path: ['arguments', name], text: String(value) })),
  ];
  return texts.flatMap(({ path, text }) => (text === undefined ? [] : [{ path, text }]));
}

function faultOf(reference: TemplateReference, earlier: Earlier): string | undefined {
  if (reference.ref === 'error') return 'a text without `{error}`, which only `recoveryPrompt` may hold';
  if (reference.ref === 'previous_output') {
    return earlier.size > 0 ? undefined : 'a text without `{previous_output}`, as no step comes before it';
  }
  const { step, value } = reference;
  const values = earlier.get(step);
  if (values === undefined) return `a text that refers to earlier steps only, and \`${step}\` is none`;
  if (values.includes(value)) return undefined;
  return `a text that refers to values of \`${step}\` (${values.join(', ')}), and \`${value}\` is none`;
}

function checkArguments({ arguments: declared = [] }: ChainDraft, report: Report): void {
  const names = new Set<string>();
  for (const [index, { name }] of declared.entries()) {
    if (names.has(name)) report(['arguments', index, 'name'], 'a name that no other argument has');
    names.add(name);
  }
}
