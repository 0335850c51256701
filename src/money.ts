import type { Micros } from '../machines/types.ts';

export function microsOf(usd: number): Micros {
  return Math.round(usd * 1_000_000);
}

export function usdOf(micros: Micros): number {
  return micros / 1_000_000;
}
