/** Rejects with the reason of `signal`; forgotten as soon as `until` is aborted. */
export function rejectionBy(signal: AbortSignal, until: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const fail = () => reject(signal.reason);
    if (signal.aborted) fail();
    else signal.addEventListener('abort', fail, { once: true, signal: until });
  });
}
