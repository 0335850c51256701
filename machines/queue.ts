/** What orders a queue: higher priority first, then lower `seq` (submission order). */
export interface QueueEntry {
  readonly id: string;
  readonly priority: number;
  readonly seq: number;
}

/**
 * An immutable priority queue: a treap that copies one path per change, so old versions stay valid.
 * Expected O(log n) per operation. `undefined` is the empty queue.
 * R. Seidel, C. Aragon, "Randomized Search Trees", 1996.
 */
export type Queue<Entry extends QueueEntry = QueueEntry> = QueueNode<Entry> | undefined;

export interface QueueNode<Entry extends QueueEntry> {
  readonly entry: Entry;
  readonly before: Queue<Entry>;
  readonly after: Queue<Entry>;
}

export function enqueued<Entry extends QueueEntry>(queue: Queue<Entry>, entry: Entry): QueueNode<Entry> {
  if (queue === undefined) return { entry, before: undefined, after: undefined };
  if (weight(entry) > weight(queue.entry)) return { entry, ...split(queue, entry) };
  return precedes(entry, queue.entry)
    ? { entry: queue.entry, before: enqueued(queue.before, entry), after: queue.after }
    : { entry: queue.entry, before: queue.before, after: enqueued(queue.after, entry) };
}

/** Without the entry of that priority and `seq`; the same queue when it holds none. */
export function dequeued<Entry extends QueueEntry>(
  queue: Queue<Entry>,
  key: Pick<QueueEntry, 'priority' | 'seq'>,
): Queue<Entry> {
  if (queue === undefined) return undefined;
  if (queue.entry.seq === key.seq && queue.entry.priority === key.priority) {
    return join(queue.before, queue.after);
  }
  if (precedes(key, queue.entry)) {
    const before = dequeued(queue.before, key);
    return before === queue.before ? queue : { entry: queue.entry, before, after: queue.after };
  }
  const after = dequeued(queue.after, key);
  return after === queue.after ? queue : { entry: queue.entry, before: queue.before, after };
}

/** The entry of that priority and `seq`, or `undefined`. */
export function lookup<Entry extends QueueEntry>(
  queue: Queue<Entry>,
  key: Pick<QueueEntry, 'priority' | 'seq'>,
): Entry | undefined {
  let node = queue;
  while (node !== undefined) {
    if (node.entry.seq === key.seq && node.entry.priority === key.priority) return node.entry;
    node = precedes(key, node.entry) ? node.before : node.after;
  }
  return undefined;
}

/** The entry that is next, or `undefined`. */
export function head<Entry extends QueueEntry>(queue: Queue<Entry>): Entry | undefined {
  let node = queue;
  while (node?.before !== undefined) node = node.before;
  return node?.entry;
}

/** All entries, next one first. */
export function* inOrder<Entry extends QueueEntry>(queue: Queue<Entry>): Generator<Entry> {
  if (queue === undefined) return;
  yield* inOrder(queue.before);
  yield queue.entry;
  yield* inOrder(queue.after);
}

export function precedes(
  left: Pick<QueueEntry, 'priority' | 'seq'>,
  right: Pick<QueueEntry, 'priority' | 'seq'>,
): boolean {
  return left.priority === right.priority ? left.seq < right.seq : left.priority > right.priority;
}

interface Halves<Entry extends QueueEntry> {
  readonly before: Queue<Entry>;
  readonly after: Queue<Entry>;
}

function split<Entry extends QueueEntry>(queue: Queue<Entry>, key: Entry): Halves<Entry> {
  if (queue === undefined) return { before: undefined, after: undefined };
  if (precedes(key, queue.entry)) {
    const { before, after } = split(queue.before, key);
    return { before, after: { entry: queue.entry, before: after, after: queue.after } };
  }
  const { before, after } = split(queue.after, key);
  return { before: { entry: queue.entry, before: queue.before, after: before }, after };
}

function join<Entry extends QueueEntry>(before: Queue<Entry>, after: Queue<Entry>): Queue<Entry> {
  if (before === undefined) return after;
  if (after === undefined) return before;
  return weight(before.entry) > weight(after.entry)
    ? { entry: before.entry, before: before.before, after: join(before.after, after) }
    : { entry: after.entry, before: join(before, after.before), after: after.after };
}

/** The treap's random weight: `seq` through the finalizer of MurmurHash3, so that equal queues are equal values. */
function weight({ seq }: QueueEntry): number {
  let hash = seq | 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}
