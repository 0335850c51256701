const deadlines = new WeakMap<AbortSignal, AbortSignal>();

/** Aborts with the first of the signals, or when the time is over. */
export function signalWithin(ms: number, ...signals: readonly AbortSignal[]): AbortSignal {
  const deadline = AbortSignal.timeout(ms);
  const ends = AbortSignal.any([...signals, deadline]);
  // On Node 20 `AbortSignal.any` does not hold its sources: what nobody else holds never aborts.
  deadlines.set(ends, deadline);
  return ends;
}
