import type { AnyStateMachine } from 'xstate';
import { inject } from 'vitest';
import { mutantsOf } from './mutants-of.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** The number of the mutant that the tests meet in the machine's place. */
    readonly mutant: number;
  }
}

/** The mutant whose turn it is. */
export function mutantMachine<Machine extends AnyStateMachine>(machine: Machine): Machine {
  const mutant = mutantsOf(machine)[inject('mutant')];
  if (mutant === undefined) return machine;
  const StateMachine = machine.constructor as new (config: object, implementations: unknown) => Machine;
  return new StateMachine(mutant.config, machine.implementations);
}
