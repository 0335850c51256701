/** Keys whose values are the caller's own: they are left as they are. */
const OPAQUE = new Set(['structuredOutput', 'input', 'jsonSchema', 'mcpServers']);
/** Keys whose values are keyed by names that somebody gave. */
const BY_NAME = new Set(['models', 'tasks', 'verdicts']);

/** Data as it goes over the wire: keys in snake case, as the names of tools and arguments are. */
export function wire(value: unknown): unknown {
  return converted(value, snake);
}

/** The same for an object. */
export function wireObject(value: object): Readonly<Record<string, unknown>> {
  return { ...Object(wire(value)) };
}

function snake(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

function converted(value: unknown, rename: (key: string) => string): unknown {
  if (Array.isArray(value)) return value.map(wire);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, each]) => each !== undefined)
      .map(([key, each]) => [rename(key), below(key, each)]),
  );
}

function below(key: string, value: unknown): unknown {
  if (OPAQUE.has(key)) return value;
  return converted(value, BY_NAME.has(key) ? (name) => name : snake);
}
