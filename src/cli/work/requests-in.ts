import { PoolError } from '../../index.ts';
import type { TaskRequest } from '../../index.ts';

/** The tasks that lines ask for: prompts, or JSON objects. Throws `INVALID_OPTIONS` with the number of a bad line. */
export function requestsIn(text: string): readonly TaskRequest[] {
  const requests = text
    .split(/\r?\n/)
    .map((line, index) => ({ line: line.trim(), number: index + 1 }))
    .filter(({ line }) => line !== '')
    .map(({ line, number }) => (line.startsWith('{') ? requestIn(line, number) : { prompt: line }));
  if (requests.length > 0) return requests;
  throw new PoolError('INVALID_OPTIONS', 'Expected a prompt on each line, got no line with text.');
}

function requestIn(line: string, number: number): TaskRequest {
  const { prompt, ...options }: Record<string, unknown> = Object(parsed(line, number));
  if (typeof prompt === 'string' && prompt.trim() !== '') return { ...options, prompt };
  throw fault(number, `an object with the text \`prompt\`, got \`${line.slice(0, 80)}\``);
}

function parsed(line: string, number: number): unknown {
  try {
    return JSON.parse(line);
  } catch (error) {
    throw fault(number, `JSON, because the line begins with \`{\`: ${String(error)}`);
  }
}

function fault(number: number, expected: string): PoolError {
  return new PoolError('INVALID_OPTIONS', `Line ${number}: expected ${expected}. Nothing was started.`);
}
