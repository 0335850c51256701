/** A text with gaps, as data: literal text, and references to values that exist when it is rendered. */
export type Template = readonly (string | TemplateReference)[];

/** A place in a text that a value is put in. */
export type TemplateReference =
  | {
      readonly ref: 'previous_output';
      /** Stands before the value. With it the reference is optional: without a value both are left out. */
      readonly intro?: string;
    }
  | { readonly ref: 'error' }
  | { readonly ref: 'step'; readonly step: string; readonly value: string };

/** By the names of references: `previous_output`, `error`, `steps.NAME.VALUE`. */
export type TemplateValues = Readonly<Record<string, string>>;

const REFERENCE = /\{(previous_output|error|steps\.[^.{}\n]+\.[^.{}\n]+)\}/;

/**
 * Reads the prompt of a `ChainStep`: `{previous_output}`, `{error}` and `{steps.NAME.VALUE}` are references.
 * Braces that hold none stay text.
 *
 * @example
 * const prompt = parseTemplate('Review this:\n{previous_output}');
 */
export function parseTemplate(text: string): Template {
  const pieces = text.split(REFERENCE).map((piece, index) => (index % 2 === 0 ? piece : referenceTo(piece)));
  return pieces.filter((piece) => piece !== '');
}

/** The text, or the name of the first value that is missing. A value is inserted as it is, never expanded again. */
export function renderTemplate(
  template: Template,
  values: TemplateValues,
): { readonly text: string } | { readonly missing: string } {
  let text = '';
  for (const piece of template) {
    const filled = filledIn(piece, values);
    if (filled === undefined) return { missing: typeof piece === 'string' ? piece : nameOf(piece) };
    text += filled;
  }
  return { text };
}

export function referencesOf(template: Template): readonly TemplateReference[] {
  return template.filter((piece) => typeof piece !== 'string');
}

export function nameOf(reference: TemplateReference): string {
  return reference.ref === 'step' ? `steps.${reference.step}.${reference.value}` : reference.ref;
}

function referenceTo(name: string): TemplateReference {
  if (name === 'previous_output' || name === 'error') return { ref: name };
  const [, step = '', value = ''] = name.split('.');
  return { ref: 'step', step, value };
}

function filledIn(piece: string | TemplateReference, values: TemplateValues): string | undefined {
  if (typeof piece === 'string') return piece;
  const name = nameOf(piece);
  const value = Object.hasOwn(values, name) ? values[name] : undefined;
  if (piece.ref !== 'previous_output' || piece.intro === undefined) return value;
  return value === undefined ? '' : `${piece.intro}${value}`;
}
