import { poolAlarm, setAlarm } from './alarms.ts';
import { isBroken, streakAfter } from './breaker.ts';
import { andThen } from './floor.ts';
import type { Step } from './floor.ts';
import { paused } from './patience.ts';
import type { Limit, PoolContext } from './pool-types.ts';
import type { SlotSettled } from './slot-types.ts';
import type { Timestamp } from './types.ts';

/** Why that attempt stops all others, if it does. */
export function limitReason({ floor }: PoolContext, settled: SlotSettled): Limit['reason'] | undefined {
  const { name } = settled.verdict;
  if (name === 'rateLimited' || name === 'auth') return name;
  return isBroken(streakAfter(floor.streak, settled), floor.rules.breakAfter) ? 'breaker' : undefined;
}

/** The time that the API gave, or exponential backoff. */
export function nextLimit(context: PoolContext, settled: SlotSettled): Limit {
  const { limit, limitBackoffMs, limitBackoffMaxMs, floor } = context;
  const { verdict, at } = settled;
  const strikes = (limit?.strikes ?? 0) + 1;
  const backoff = Math.min(limitBackoffMaxMs, limitBackoffMs * 2 ** (strikes - 1));
  const reason = limitReason(context, settled) ?? 'rateLimited';
  const prefix = reason === 'breaker' ? `The last ${floor.rules.breakAfter} tasks ended alike. ` : '';
  return {
    reason,
    message: `${prefix}${verdict.reason}`,
    until: Math.max(verdict.resetsAt ?? at + backoff, at + 1),
    strikes,
  };
}

/** Until when the task of that attempt waits with the pool. The first to be refused its login fails, and says so. */
export function parkedUntil({ limit }: PoolContext, { verdict }: SlotSettled): Timestamp | undefined {
  return verdict.name === 'auth' && (limit?.strikes ?? 0) < 2 ? undefined : limit?.until;
}

/** Until the limit is lifted nothing is started, and nobody's patience runs out. */
export function holdBack({ floor, limit }: PoolContext, at: Timestamp): Step {
  return andThen(setAlarm(floor, poolAlarm(limit?.until ?? 0)), (before) => paused(before, at));
}
