const lasts = new Map<string, Promise<unknown>>();

export interface Turn<Value> {
  readonly key: string;
  /** Ends the wait; what has begun sees to its own end. */
  readonly signal: AbortSignal;
  readonly work: () => Promise<Value>;
}

/** Runs one at a time for each key, in the order of the calls. Within this process. */
export function inTurn<Value>({ key, signal, work }: Turn<Value>): Promise<Value> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason);
    // A signal of its own: node warns of a leak when more than ten wait on one.
    const ends = AbortSignal.any([signal]);
    ends.addEventListener('abort', abort, { once: true });
    const start = (): Promise<Value> => {
      ends.removeEventListener('abort', abort);
      signal.throwIfAborted();
      return work();
    };
    const turn = (lasts.get(key) ?? Promise.resolve()).then(start, start);
    lasts.set(key, turn);
    turn.then(resolve, reject).finally(() => {
      if (lasts.get(key) === turn) lasts.delete(key);
    });
  });
}
