import { setImmediate } from 'node:timers/promises';
import type { Timestamp } from '../machines/types.ts';

/** The time and chance that a pool lives in. */
export interface World {
  readonly now: () => Timestamp;
  /** Random number in [0, 1). */
  readonly chance: () => number;
  readonly clock: Clock;
  /** Resolves when this turn of the event loop is over. */
  readonly nextTurn: () => Promise<unknown>;
}

/** What a timer can wait at most, in milliseconds. */
export const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Where timers are set. */
export interface Clock {
  setTimeout(ring: () => void, delayMs: number): unknown;
  clearTimeout(timer: unknown): void;
}

export const realWorld: World = {
  now: Date.now,
  chance: Math.random,
  clock: {
    setTimeout: (ring, delayMs) => setTimeout(ring, delayMs),
    clearTimeout: (timer) => clearTimeout(timer as NodeJS.Timeout | undefined),
  },
  nextTurn: () => setImmediate(),
};
