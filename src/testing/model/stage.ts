import { createActor } from 'xstate';
import type { Actor, AnyStateMachine, EventObject, InputFrom, InspectionEvent, SimulatedClock } from 'xstate';
import { notebook } from './notebook.ts';
import { simulatedClock } from './simulated-clock.ts';

/** A machine at work below a parent that writes down what it is told. */
export interface Stage<Machine extends AnyStateMachine> {
  readonly actor: Actor<Machine>;
  /** What the machine has told its parent, its own end included. */
  readonly told: () => readonly EventObject[];
  readonly clock: SimulatedClock;
}

/** How a machine is started. */
export interface StageOptions<Machine extends AnyStateMachine> {
  readonly input: InputFrom<Machine>;
  readonly inspect?: (event: InspectionEvent) => void;
}

/**
 * Starts a machine on a clock that stands still.
 *
 * @example
 * const { actor, clock, told } = stage(doorMachine, { input: {} });
 * actor.send({ type: 'door.open' });
 * clock.increment(5_000);
 * console.log(actor.getSnapshot().value, told());
 */
export function stage<Machine extends AnyStateMachine>(
  machine: Machine,
  { input, inspect }: StageOptions<Machine>,
): Stage<Machine> {
  const clock = simulatedClock();
  const parent = notebook({ clock, ...(inspect && { inspect }) });
  const actor = createActor(machine, { parent, id: machine.id, input }).start();
  return { actor, clock, told: () => parent.getSnapshot().context };
}
