/** What is left of a value when it has to be small: plain JSON. */
export type Excerpt =
  string | number | boolean | null | readonly Excerpt[] | { readonly [key: string]: Excerpt };

const LONGEST_TEXT = 160;
const MOST_ITEMS = 3;
const MOST_KEYS = 24;
const DEEPEST = 4;
const MOST_COUNTED = 100;

/** May hold credentials: only the names of what is in there are told. */
const SECRET: ReadonlySet<string> = new Set(['mcpServers', 'env']);

/** A value as JSON of bounded size: long texts are cut, lists and queues are counted, what is deep is left out. */
export function excerptOf(value: unknown, depth = 0): Excerpt {
  if (value === null || typeof value === 'boolean' || typeof value === 'number') return value;
  if (typeof value === 'string') return cut(value);
  if (typeof value !== 'object') return typeof value;
  if (Array.isArray(value)) return listOf(value, depth);
  if (value instanceof Map || value instanceof Set) return `${value.size} entries`;
  if (value instanceof Error) return cut(value.message);
  if ('getSnapshot' in value) return 'id' in value ? `actor ${String(value.id)}` : 'actor';
  if ('entry' in value && 'before' in value && 'after' in value) return queueOf(value, depth);
  if (depth >= DEEPEST) return '…';
  return recordOf(Object.entries(value), depth);
}

/** The beginning of a text. */
export function cut(text: string): string {
  return text.length > LONGEST_TEXT ? `${text.slice(0, LONGEST_TEXT)}…` : text;
}

function listOf(items: readonly unknown[], depth: number): Excerpt {
  if (depth >= DEEPEST && items.length > 0) return `${items.length} items`;
  const first = items.slice(0, MOST_ITEMS).map((item) => excerptOf(item, depth + 1));
  return items.length > MOST_ITEMS ? [...first, `… of ${items.length}`] : first;
}

/** A queue is a tree as large as what waits: it is neither sent nor walked to its end. */
function queueOf(queue: object, depth: number): Excerpt {
  const count = countUpTo(queue);
  const waiting = count > MOST_COUNTED ? `more than ${MOST_COUNTED}` : count;
  return { waiting, next: excerptOf(firstOf(queue), depth + 1) };
}

function countUpTo(queue: unknown): number {
  const open: unknown[] = [queue];
  let count = 0;
  while (open.length > 0 && count <= MOST_COUNTED) {
    const node = open.pop();
    if (!isNode(node)) continue;
    count += 1;
    open.push(node.before, node.after);
  }
  return count;
}

function firstOf(queue: unknown): unknown {
  let node = queue;
  while (isNode(node) && isNode(node.before)) node = node.before;
  return isNode(node) && isRecord(node.entry) ? node.entry['id'] : undefined;
}

function isNode(value: unknown): value is { before: unknown; after: unknown; entry: unknown } {
  return isRecord(value) && 'before' in value && 'after' in value;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function recordOf(entries: readonly (readonly [string, unknown])[], depth: number): Excerpt {
  const known = entries.filter(([, value]) => value !== undefined && typeof value !== 'function');
  const shown = known.slice(0, MOST_KEYS).map(([key, value]) => [key, memberOf(key, value, depth)] as const);
  const rest = known.length - shown.length;
  return Object.fromEntries(rest > 0 ? [...shown, ['…', `${rest} more`] as const] : shown);
}

function memberOf(key: string, value: unknown, depth: number): Excerpt {
  if (SECRET.has(key) && isRecord(value)) return excerptOf(Object.keys(value), depth + 1);
  return excerptOf(value, depth + 1);
}
