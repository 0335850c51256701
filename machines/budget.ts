import type { AttemptReport, Micros } from './types.ts';

/** What a pool has spent and set aside. Integer micro-dollars throughout. */
export interface Ledger {
  /** The cap on `spent + reserved`; absent means none. */
  readonly limit?: Micros;
  readonly spent: Micros;
  readonly reserved: Micros;
  /** Attempts that were settled; with `spent` it gives the estimate for the next one. */
  readonly settled: number;
  /** How much of `spent` is an estimate, because the CLI could not say. */
  readonly estimated: Micros;
}

export function openLedger(limit: Micros | undefined): Ledger {
  return { ...(limit !== undefined && { limit }), spent: 0, reserved: 0, settled: 0, estimated: 0 };
}

/** What may still be reserved; `Infinity` without a limit. */
export function remaining({ limit = Infinity, spent, reserved }: Ledger): number {
  return Math.max(0, limit - spent - reserved);
}

export function isExhausted(ledger: Ledger): boolean {
  return remaining(ledger) === 0 && ledger.reserved === 0;
}

export type Quote =
  | { readonly type: 'granted'; readonly amount: Micros }
  /** Too little is left now; reservations that are out may free enough. */
  | { readonly type: 'wait' }
  /** Too little is left, and nothing can change that. */
  | { readonly type: 'exceeded' };

export interface QuoteRequest {
  /** The task's own cap. */
  readonly cap?: Micros | undefined;
  /** What an attempt without a cap gets. */
  readonly reservation?: Micros | undefined;
  /** What the slot may still spend. @default Infinity */
  readonly most?: number;
  readonly slots: number;
}

/**
 * Whether an attempt may start, and with how much set aside. A cap is granted whole or not at all; without one the
 * attempt gets the pool's reservation, or an equal share of what is left for each slot and at least what attempts
 * usually spend.
 */
export function quote(ledger: Ledger, { cap, reservation, most = Infinity, slots }: QuoteRequest): Quote {
  const left = remaining(ledger);
  const share = Math.min(most, Math.ceil(left / slots));
  const usual = Math.max(typicalSpend(ledger), share === Infinity ? 0 : share);
  const amount = cap ?? Math.min(most, reservation ?? usual);
  if (left >= amount) return { type: 'granted', amount };
  const mayCome = cap === undefined || cap <= left + ledger.reserved;
  if (ledger.reserved > 0 && mayCome) return { type: 'wait' };
  return cap === undefined && left > 0 ? { type: 'granted', amount: left } : { type: 'exceeded' };
}

export function reserve(ledger: Ledger, amount: Micros): Ledger {
  return { ...ledger, reserved: ledger.reserved + amount };
}

/** Ends a reservation with what was really spent, in one step. */
export function settle(
  ledger: Ledger,
  {
    reserved,
    spend,
    isEstimate,
  }: { readonly reserved: Micros; readonly spend: Micros; readonly isEstimate: boolean },
): Ledger {
  return {
    ...ledger,
    spent: ledger.spent + spend,
    reserved: ledger.reserved - reserved,
    settled: ledger.settled + 1,
    estimated: ledger.estimated + (isEstimate ? spend : 0),
  };
}

/** The report as it is booked: what an attempt spent that nobody knows is all that was set aside for it. */
export function bookable(report: AttemptReport, reserved: Micros): AttemptReport {
  return report.spendEstimated && report.spend === 0 ? { ...report, spend: reserved } : report;
}

/** Twice the mean of what is known: most attempts stay below it. Estimates would feed on themselves. */
function typicalSpend({ spent, estimated, settled }: Ledger): Micros {
  return settled === 0 ? 1 : Math.max(1, Math.ceil((2 * (spent - estimated)) / settled));
}
