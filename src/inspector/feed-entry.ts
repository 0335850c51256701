import type { Timestamp } from '../../machines/types.ts';
import type { Excerpt } from './excerpt.ts';

/** One line of what happened between the actors of a pool; plain JSON of bounded size. */
export type FeedEntry = ActorEntry | EventEntry | StateEntry;

interface EntryBase {
  /** Counts the entries of a feed, from 1. */
  readonly seq: number;
  readonly at: Timestamp;
}

/** An actor is seen for the first time. */
export interface ActorEntry extends EntryBase {
  readonly type: 'actor';
  /** `pool`, `slot-0`, the id of a task or chain, and `slot-0/session` for what lives below another. */
  readonly name: string;
  readonly parent?: string;
  /** The statechart that it runs; absent for an actor without one. */
  readonly machine?: string;
  readonly state?: StateValue;
  /** It is kept as its record, and not as a live actor. */
  readonly passivated?: true;
  /** How its prompt begins. */
  readonly prompt?: string;
}

/** An event was sent. */
export interface EventEntry extends EntryBase {
  readonly type: 'event';
  /** Absent for an event that came from outside of the actors. */
  readonly source?: string;
  readonly target: string;
  readonly event: string;
  /** What it carried, beside its type. */
  readonly detail: Excerpt;
}

/** An actor has taken transitions, or has ended. */
export interface StateEntry extends EntryBase {
  readonly type: 'state';
  readonly name: string;
  readonly state?: StateValue;
  readonly status: 'active' | 'done' | 'error' | 'stopped';
  /** It goes on as its record, and not as a live actor. */
  readonly passivated?: true;
  /** Ids of the transitions, as `chartOf` has them. */
  readonly taken: readonly string[];
  readonly context: Excerpt;
}

/** The state of an actor, as XState writes it: a name, or names within names. */
export type StateValue = string | { readonly [state: string]: StateValue | undefined };
