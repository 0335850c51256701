import type { Store } from '../ports.ts';

/** Keeps nothing beside what the pool itself holds: a pool without `stateDir` ends with its process. */
export function memoryStore(): Store {
  return {
    commit: () => Promise.resolve(),
    close: () => Promise.resolve(),
  };
}
