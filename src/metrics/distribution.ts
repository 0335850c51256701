import { createHistogram } from 'node:perf_hooks';

/** Everything above this counts as this: 34 years in milliseconds, a million dollars in micro-dollars. */
const HIGHEST = 2 ** 40;
const SIGNIFICANT_FIGURES = 3;

/**
 * How a measure is distributed. `count`, `mean` and `max` are exact; a percentile is at most 0.1 % too high.
 * All are 0 as long as nothing was measured.
 */
export interface Distribution {
  readonly count: number;
  readonly mean: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly max: number;
}

export interface DistributionBook {
  /** Takes a whole number, 0 or more. */
  readonly observe: (value: number) => void;
  /** `unit` is what one of the unit that is shown was in the measures. */
  readonly read: (unit?: number) => Distribution;
}

/** Follows a measure in a fixed quarter of a megabyte, however often it is taken. */
export function distributionBook(): DistributionBook {
  const histogram = createHistogram({ lowest: 1, highest: HIGHEST, figures: SIGNIFICANT_FIGURES });
  let count = 0;
  let sum = 0;
  let max = 0;

  // A histogram knows no 0: in it, every value is one higher.
  const percentile = (share: number) => Math.min(max, histogram.percentile(share) - 1);

  return {
    observe(measured) {
      const value = Math.min(Math.max(0, Math.round(measured)), HIGHEST - 1);
      histogram.record(value + 1);
      count += 1;
      sum += value;
      max = Math.max(max, value);
    },
    read(unit = 1) {
      if (count === 0) return { count, mean: 0, p50: 0, p90: 0, p99: 0, max };
      return {
        count,
        mean: sum / count / unit,
        p50: percentile(50) / unit,
        p90: percentile(90) / unit,
        p99: percentile(99) / unit,
        max: max / unit,
      };
    },
  };
}
