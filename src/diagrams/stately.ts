import type { AnyStateMachine } from 'xstate';

/** The source text of a module that exports the machines, as `statelyOf` has them. */
export function statelyModule(machines: readonly AnyStateMachine[]): string {
  return [`import { createMachine } from 'xstate';\n`, ...machines.map(statelyOf)].join('\n');
}

/**
 * A machine as the source text that Stately's editor imports: its states and transitions, with guards, actions and
 * delays by name. What they do is not in it.
 */
export function statelyOf(machine: AnyStateMachine): string {
  const text = JSON.stringify(statelyConfigOf(machine), undefined, 2);
  return `export const ${machine.id}Machine = createMachine(${text});\n`;
}

/** The definition of a machine as plain JSON. */
export function statelyConfigOf({ config }: AnyStateMachine): object {
  const { context: _context, output: _output, ...chart } = config;
  return JSON.parse(JSON.stringify(chart, withoutCode));
}

/** Actions that have no name are left out; JSON leaves out all other functions. */
function withoutCode(_key: string, value: unknown): unknown {
  if (!Array.isArray(value)) return value;
  const named: readonly unknown[] = value;
  return named.filter((item) => typeof item !== 'function');
}
