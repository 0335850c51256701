import { SimulatedClock } from 'xstate';

/**
 * A clock for `createActor` that stands still until the test calls `increment(ms)` or `set(ms)`.
 *
 * @example
 * const clock = simulatedClock();
 * const actor = createActor(doorMachine, { clock }).start();
 * clock.increment(5_000);
 */
export function simulatedClock(): SimulatedClock {
  return new SimulatedClock();
}
