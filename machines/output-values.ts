/** What a step's task has answered. */
export interface StepAnswer {
  readonly output: string;
  readonly structuredOutput?: unknown;
}

/**
 * The named values that an answer holds, by path: `a.b[0].c`, or `.` for all of it. Strings as they are, others as
 * JSON. A value that is not there is left out.
 */
export function outputValues(
  paths: Readonly<Record<string, string>>,
  answer: StepAnswer,
): Readonly<Record<string, string>> {
  const whole = answer.structuredOutput ?? parsedJson(answer.output);
  return Object.fromEntries(
    Object.entries(paths).flatMap(([name, path]) => {
      const value = path === '.' ? (whole ?? answer.output) : memberAt(whole, path);
      return value === undefined ? [] : [[name, typeof value === 'string' ? value : JSON.stringify(value)]];
    }),
  );
}

const FENCED = /^\s*```(?:json)?\n(.*)\n```\s*$/s;

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(FENCED.exec(text)?.[1] ?? text);
  } catch {
    return undefined;
  }
}

function memberAt(value: unknown, path: string): unknown {
  const keys = path.match(/[^.[\]]+/g) ?? [];
  return keys.reduce<unknown>((held, key) => {
    if (typeof held !== 'object' || held === null || !Object.hasOwn(held, key)) return undefined;
    return Object.entries(held).find(([name]) => name === key)?.[1];
  }, value);
}
