/** Keeps the last of what is added. */
export interface Ring<Item> {
  /** Adds an item, and returns the oldest when there are too many. */
  add(item: Item): Item | undefined;
  items(): readonly Item[];
}

export function ring<Item>(size: number): Ring<Item> {
  const kept: Item[] = [];
  let added = 0;

  return {
    add(item) {
      if (size === 0) return item;
      const index = added % size;
      const oldest = added < size ? undefined : kept[index];
      kept[index] = item;
      added += 1;
      return oldest;
    },
    items() {
      const start = added < size ? 0 : added % size;
      return [...kept.slice(start), ...kept.slice(0, start)];
    },
  };
}
