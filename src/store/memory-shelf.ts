import { hasEnded } from './port.ts';
import type { SavedChainState, SavedTaskState } from './port.ts';
import { ring } from './ring.ts';

interface Save {
  readonly id: string;
  readonly state: SavedTaskState | SavedChainState;
}

/** What has not ended, and the last that have. */
export interface MemoryShelf<Item extends Save> {
  put(item: Item): void;
  get(id: string): Item | undefined;
  all(): Iterable<Item>;
  live(): readonly Item[];
  /** The last that ended first. */
  ended(): readonly Item[];
}

export function memoryShelf<Item extends Save>(keepFinished: number): MemoryShelf<Item> {
  const items = new Map<string, Item>();
  const ends = ring<string>(keepFinished);

  return {
    put(item) {
      const before = items.get(item.id);
      items.set(item.id, item);
      if (!hasEnded(item.state) || (before !== undefined && hasEnded(before.state))) return;
      const oldest = ends.add(item.id);
      if (oldest !== undefined) items.delete(oldest);
    },
    get: (id) => items.get(id),
    all: () => items.values(),
    live: () => [...items.values()].filter(({ state }) => !hasEnded(state)),
    ended: () =>
      ends
        .items()
        .flatMap((id) => items.get(id) ?? [])
        .toReversed(),
  };
}
