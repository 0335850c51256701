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
  /** What the reader gets in place of the dropped items. */
  readonly missed?: (count: number) => Item;
  /** Called once, when the reader has left or the stream has ended. */
  readonly onClose?: () => void;
}

export function stream<Item>({ signal, limit = 10_000, missed, onClose }: StreamOptions<Item>): Stream<Item> {
  const waiting: Item[] = [];
  let dropped = 0;
  let isOpen = true;
  let wake: (() => void) | undefined;

  function close(): void {
    if (!isOpen) return;
    isOpen = false;
    signal?.removeEventListener('abort', close);
    onClose?.();
    wake?.();
  }

  function take(): Item | undefined {
    if (waiting.length > 0) return waiting.shift();
    if (dropped === 0 || missed === undefined) return undefined;
    const count = dropped;
    dropped = 0;
    return missed(count);
  }

  if (signal?.aborted === true) close();
  else signal?.addEventListener('abort', close, { once: true });

  return {
    push(item) {
      if (!isOpen) return;
      if (waiting.length >= limit) dropped += 1;
      else waiting.push(item);
      wake?.();
    },
    end: close,
    async next() {
      for (;;) {
        if (signal?.aborted === true) throw signal.reason;
        const item = take();
        if (item !== undefined) return { done: false, value: item };
        if (!isOpen) return { done: true, value: undefined };
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
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
