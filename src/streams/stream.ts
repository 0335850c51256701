/** A bounded bridge from pushes to one asynchronous reader. */
export interface Stream<Item> extends AsyncIterableIterator<Item> {
  push(item: Item): void;
  /** No more items come; what is there can still be read. */
  end(): void;
}

export interface StreamOptions<Item> {
  readonly signal?: AbortSignal | undefined;
  /** Items that wait for the reader at most; what comes then is dropped. @default 10000 */
  readonly limit?: number;
  /** What the reader gets in place of the dropped items, of which it is told how many they are and the last one. */
  readonly missed?: (count: number, last: Item) => Item;
  /** Called once, when the reader has left or the stream has ended. */
  readonly onClose?: () => void;
}

export function stream<Item>({ signal, limit = 10_000, missed, onClose }: StreamOptions<Item>): Stream<Item> {
  const waiting: Item[] = [];
  let dropped: { readonly count: number; readonly last: Item } | undefined;
  let isOpen = true;
  let sleepers: (() => void)[] = [];

  function close(): void {
    if (!isOpen) return;
    isOpen = false;
    signal?.removeEventListener('abort', close);
    onClose?.();
    wake();
  }

  function wake(): void {
    const woken = sleepers;
    sleepers = [];
    for (const rise of woken) rise();
  }

  function take(): Item | undefined {
    if (waiting.length === 0) tellMissed();
    return waiting.shift();
  }

  function tellMissed(): void {
    if (dropped !== undefined && missed !== undefined) waiting.push(missed(dropped.count, dropped.last));
    dropped = undefined;
  }

  if (signal?.aborted === true) close();
  else signal?.addEventListener('abort', close, { once: true });

  return {
    push(item) {
      if (!isOpen) return;
      if (waiting.length >= limit) {
        dropped = { count: (dropped?.count ?? 0) + 1, last: item };
        return;
      }
      tellMissed();
      waiting.push(item);
      wake();
    },
    end: close,
    async next() {
      for (;;) {
        if (signal?.aborted === true) throw signal.reason;
        const item = take();
        if (item !== undefined) return { done: false, value: item };
        if (!isOpen) return { done: true, value: undefined };
        await new Promise<void>((resolve) => sleepers.push(resolve));
      }
    },
    async return() {
      waiting.length = 0;
      close();
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
