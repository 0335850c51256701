/** What is not over yet when nobody waits for it any more. */
export interface Leavers {
  readonly add: (end: Promise<void>) => void;
  /** Resolves when all that was added is over, however it ended. */
  readonly gone: () => Promise<void>;
}

export function leavers(): Leavers {
  const ends = new Set<Promise<void>>();
  return {
    add(end) {
      const over = end.catch(() => undefined).then(() => void ends.delete(over));
      ends.add(over);
    },
    async gone() {
      await Promise.all(ends);
    },
  };
}
