import type Yaml from 'yaml';
import type { LineCounter, Node, ParsedNode } from 'yaml';
import { lazily } from '../lazily.ts';
import { skillFault } from './skill-fault.ts';
import type { SkillText } from './skill-fault.ts';

const yaml = lazily((require): typeof Yaml => require('yaml'));

/** Reads YAML, or JSON, and remembers the line of each field. Throws `SKILL_INVALID` where it cannot. */
export function yamlText(text: string, path: string): SkillText {
  const { LineCounter: Counter, isMap } = yaml();
  const counter = new Counter();
  const { document, value } = readable(text, counter, path);
  const [fault] = document.errors;
  if (fault !== undefined) {
    const { line } = counter.linePos(fault.pos[0]);
    throw skillFault(path, line, `Expected YAML, got: ${fault.message}`);
  }
  if (document.contents !== null && !isMap(document.contents)) {
    throw skillFault(path, 1, 'Expected fields, one `name: value` a line.');
  }
  return {
    fields: fieldsOf(value),
    lineOf: (names) => counter.linePos(offsetOf(document.contents, names)).line,
  };
}

/** The parser throws for aliases that would grow without bound, and for nesting deeper than the stack. */
function readable(text: string, counter: LineCounter, path: string) {
  try {
    const document = yaml().parseDocument(text, {
      lineCounter: counter,
      prettyErrors: false,
      logLevel: 'error',
    });
    return { document, value: document.errors.length > 0 ? undefined : document.toJS() };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw skillFault(path, 1, `Expected YAML of a reasonable size, got: ${reason}`);
  }
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

function offsetOf(root: ParsedNode | null, names: readonly PropertyKey[]): number {
  let node: unknown = root;
  let offset = root?.range[0] ?? 0;
  for (const name of names) {
    const member = memberOf(node, name);
    if (member === undefined) return offset;
    offset = member.at?.range?.[0] ?? offset;
    node = member.value;
  }
  return offset;
}

function memberOf(node: unknown, name: PropertyKey): { at: Node | undefined; value: unknown } | undefined {
  const { isMap, isScalar, isSeq } = yaml();
  if (isSeq<Node>(node)) {
    const value = node.items[Number(name)];
    return value && { at: value, value };
  }
  if (!isMap(node)) return undefined;
  const pair = node.items.find(({ key }) => isScalar(key) && looseName(key.value) === looseName(name));
  return pair && { at: isScalar(pair.key) ? pair.key : undefined, value: pair.value };
}

function looseName(name: unknown): string {
  return String(name).replaceAll(/[-_]/g, '').toLowerCase();
}
