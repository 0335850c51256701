import { MICROS_PER_USD } from '../machines/types.ts';
import type { Micros } from '../machines/types.ts';

/** A positive sum is never nothing: as a cap that would be none, or one that is spent before it begins. */
export function microsOf(usd: number): Micros {
  const micros = Math.round(usd * MICROS_PER_USD);
  return micros === 0 && usd > 0 ? 1 : micros;
}

export function usdOf(micros: Micros): number {
  return micros / MICROS_PER_USD;
}
