import { SimulatedClock } from 'xstate';

/** A clock for `createActor` that stands still until the test calls `increment(ms)` or `set(ms)`. */
export function simulatedClock(): SimulatedClock {
  return new SimulatedClock();
}
