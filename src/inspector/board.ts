import type { Pool, PoolStatus } from '../index.ts';
import { cut } from './excerpt.ts';

const MOST_REVIEWS = 50;

/** What a pool tells of itself, in a size that can be sent again and again. */
export interface Board {
  readonly status: PoolStatus;
  readonly reviews: readonly Review[];
}

/** A result that waits for approval. */
export interface Review {
  readonly taskId: string;
  readonly prompt: string;
  readonly output: string;
  readonly spendUsd: number;
}

export function boardOf(pool: Pool): Board {
  const waiting = pool.tasks({ state: 'pendingReview', limit: MOST_REVIEWS });
  return {
    status: pool.status(),
    reviews: waiting.map(({ id, prompt, result, spendUsd }) => ({
      taskId: id,
      prompt: cut(prompt),
      output: (result?.output ?? '').slice(0, 2_000),
      spendUsd,
    })),
  };
}
