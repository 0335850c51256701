import type { ActorRefLike, InspectionEvent } from 'xstate';
import { identityOf } from './actor-name.ts';
import type { Identity } from './actor-name.ts';
import { excerptOf } from './excerpt.ts';
import type { ActorEntry, EventEntry, FeedEntry, StateEntry } from './feed-entry.ts';
import { contextOf, isRecord, promptOf, stateOf } from './snapshot-facts.ts';
import { transitionId } from './transition-id.ts';

/** What happens between the actors of a pool, as small JSON under readable names. */
export interface InspectionFeed {
  /** Goes to `createPool({ inspect })`. One feed serves one pool. */
  readonly observe: (event: InspectionEvent) => void;
  /** Hears every entry from now on. Returns the way to stop. */
  subscribe(listener: (entry: FeedEntry) => void): () => void;
  /** The last entries, oldest first. */
  recent(): readonly FeedEntry[];
}

/** How much a feed remembers. */
export interface InspectionFeedOptions {
  /** Entries that are kept for `recent`. @default 1000 */
  readonly keep?: number;
  /** Milliseconds since the epoch. @default Date.now */
  readonly now?: () => number;
}

type Draft = DraftOf<ActorEntry> | DraftOf<EventEntry> | DraftOf<StateEntry>;
type DraftOf<Entry> = Omit<Entry, 'seq' | 'at'>;

/**
 * Turns XState's inspection events into a stream that can be read and sent.
 *
 * @example
 * const feed = inspectionFeed();
 * feed.subscribe((entry) => console.log(JSON.stringify(entry)));
 * await using pool = await createPool({ inspect: feed.observe });
 */
export function inspectionFeed({ keep = 1_000, now = Date.now }: InspectionFeedOptions = {}): InspectionFeed {
  const listeners = new Set<(entry: FeedEntry) => void>();
  const identities = new WeakMap<ActorRefLike, Identity>();
  const taken = new WeakMap<ActorRefLike, string[]>();
  const kept: FeedEntry[] = [];
  let last = 0;
  let admission: DraftOf<ActorEntry> | undefined;
  let directory = { name: '', events: 0 };

  function tell(draft: Draft): void {
    last += 1;
    const entry = { seq: last, at: now(), ...draft };
    kept.push(entry);
    if (kept.length > 2 * keep) kept.splice(0, kept.length - keep);
    for (const listener of listeners) listener(entry);
  }

  /** Who it is; an actor that was not seen before is announced. */
  function known(ref: ActorRefLike, snapshot: unknown = ref.getSnapshot()): Identity | undefined {
    const seen = identities.get(ref);
    if (seen !== undefined) return seen;
    const identity = identityOf(ref, snapshot);
    if (identity === undefined) return undefined;
    identities.set(ref, identity);
    if (identity.name === admission?.name) admission = undefined;
    tell({ type: 'actor', ...identity, ...stateOf(snapshot), ...promptOf(snapshot) });
    return identity;
  }

  function onEvent({ sourceRef, actorRef, event }: Inspected<'@xstate.event'>): void {
    const target = known(actorRef);
    if (target === undefined || event.type === 'xstate.init') return;
    const source = sourceRef === undefined ? unnamedSource(target) : known(sourceRef)?.name;
    const { type: _, ...detail } = event;
    if (event.type === 'directory.admit') admission = admissionOf(event['input'], target.name);
    if (isDirectory(target)) directory = { name: target.name, events: directory.events + 1 };
    tell({
      type: 'event',
      ...(source !== undefined && { source }),
      target: target.name,
      event: event.type,
      detail: excerptOf(detail),
    });
  }

  /** The directory's messages bear no sender, but nobody else speaks while it has an event in hand. */
  function unnamedSource(target: Identity): string | undefined {
    return directory.events > 0 && !isDirectory(target) ? directory.name : undefined;
  }

  function onMicrostep({ actorRef, snapshot, _transitions }: Inspected<'@xstate.microstep'>): void {
    if (known(actorRef, snapshot) === undefined) return;
    const steps = taken.get(actorRef) ?? [];
    steps.push(..._transitions.map(transitionId));
    taken.set(actorRef, steps);
  }

  function onSnapshot({ actorRef, event, snapshot }: Inspected<'@xstate.snapshot'>): void {
    const identity = known(actorRef, snapshot);
    const steps = taken.get(actorRef) ?? [];
    taken.delete(actorRef);
    if (identity !== undefined && isDirectory(identity) && event.type !== 'xstate.init')
      directory.events -= 1;
    if (admission?.parent !== undefined && admission.parent === identity?.name) {
      tell(admission);
      admission = undefined;
    }
    if (identity === undefined || (steps.length === 0 && snapshot.status === 'active')) return;
    tell({
      type: 'state',
      name: identity.name,
      ...stateOf(snapshot),
      status: snapshot.status,
      ...(snapshot.status === 'stopped' && identity.machine === 'task' && { passivated: true }),
      taken: steps,
      context: contextOf(snapshot),
    });
  }

  return {
    observe(event) {
      if (event.type === '@xstate.event') onEvent(event);
      if (event.type === '@xstate.microstep') onMicrostep(event);
      if (event.type === '@xstate.snapshot') onSnapshot(event);
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    recent: () => kept.slice(-keep),
  };
}

type Inspected<Type extends InspectionEvent['type']> = Extract<InspectionEvent, { type: Type }>;

function isDirectory({ name, parent }: Identity): boolean {
  return parent !== undefined && /(^|\/)directory$/.test(name);
}

/** What is said of a task that no actor stands for after its admission. */
function admissionOf(input: unknown, parent: string): DraftOf<ActorEntry> | undefined {
  const name = isRecord(input) ? input['id'] : undefined;
  if (typeof name !== 'string') return undefined;
  const state = { pending: 'ready' };
  return {
    type: 'actor',
    name,
    parent,
    machine: 'task',
    state,
    passivated: true,
    ...promptOf({ context: input }),
  };
}
