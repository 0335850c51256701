import type { PoolOptions } from '../index.ts';
import type { Configured } from './settings/configure.ts';

/** The pool that is configured, in memory. */
export function poolOptionsOf({ configured }: Configured): PoolOptions {
  const { drainTimeoutMs: _drain, mcp: _mcp, stateDir: _kept, ...options } = configured.config;
  return options;
}

/** The same with one slot: what is configured of a fleet is not for it. */
export function singlePoolOptionsOf(flags: Configured): PoolOptions {
  const { minSlots: _min, maxSlots: _max, autoscale: _autoscale, ...options } = poolOptionsOf(flags);
  return { ...options, slots: 1 };
}
