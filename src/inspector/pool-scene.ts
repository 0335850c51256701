import type { Pool } from '../index.ts';
import { boardOf } from './board.ts';
import { carryOut } from './carry-out.ts';
import { detailOf } from './detail.ts';
import type { InspectionFeed } from './inspection-feed.ts';
import { pictureOf } from './picture.ts';
import type { Scene } from './scene.ts';

/** A pool that works, as its feed tells it. */
export function poolScene(pool: Pool, feed: InspectionFeed): Scene {
  return {
    isPast: false,
    picture: () => pictureOf(pool),
    recent: () => feed.recent(),
    board: () => boardOf(pool),
    detail: (name) => Promise.resolve(detailOf(pool, name)),
    subscribe: (listener) => feed.subscribe(listener),
    carryOut: (order, signal) => carryOut(pool, order, signal),
  };
}
