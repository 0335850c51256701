import type { AnyStateMachine, InspectionEvent } from 'xstate';
import { transitionsOf } from './transitions-of.ts';

/** Which transitions were taken, and which are missing. */
export interface Coverage {
  /** Give it to the actors, as `inspect` of their root. */
  readonly inspect: (event: InspectionEvent) => void;
  /** The transitions that no actor has taken, each as `state --event[branch]`. */
  readonly missing: () => readonly string[];
}

/**
 * Remembers which transitions of a machine actors have taken, those without an event included.
 * `machine` must be the one that runs: `provide` makes another.
 *
 * @example
 * const { inspect, missing } = coverage(doorMachine);
 * createActor(doorMachine, { inspect }).start().send({ type: 'door.open' });
 * console.log(missing()); // [ 'open --door.close' ]
 */
export function coverage(machine: AnyStateMachine): Coverage {
  const unwalked = new Map(transitionsOf(machine));

  return {
    inspect(event) {
      if (event.type !== '@xstate.microstep') return;
      const { _transitions: taken } = event;
      for (const transition of taken) unwalked.delete(transition);
    },
    missing: () => [...unwalked.values()],
  };
}
