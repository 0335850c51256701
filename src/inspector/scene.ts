import type { Board } from './board.ts';
import type { Excerpt } from './excerpt.ts';
import type { FeedEntry } from './feed-entry.ts';
import type { Picture } from './picture.ts';

/** What a page shows: a pool that works, or what one has left. */
export interface Scene {
  /** It is over, or is somebody else's: one can look, and give no orders. */
  readonly isPast: boolean;
  /** All actors as they are now, so that a reader can begin in the middle. */
  picture(): Picture;
  /** The last entries, oldest first. */
  recent(): readonly FeedEntry[];
  /** As it is now, or as it was at an entry of the past. */
  board(at?: number): Board;
  /** What there is to know of one actor; `undefined` for a name that is not known. */
  detail(name: string): Promise<Excerpt | undefined>;
  /** Hears every entry from now on. Returns the way to stop. */
  subscribe(listener: (entry: FeedEntry) => void): () => void;
  /** Does what a reader of the page has ordered. */
  carryOut?(order: string, signal: AbortSignal): Promise<void>;
}
