import type { PoolError, TaskOptions } from '../../index.ts';
import type { Desk } from '../desk.ts';
import { cancelFor } from '../follow.ts';
import { waitFor } from '../wait-for.ts';
import { timeLeft } from '../tool.ts';
import type { Call } from '../tool.ts';
import { enforceHints } from './enforce-hints.ts';
import type { Hints } from './hints.ts';
import { ROUTE_JSON_SCHEMA, routeSchema } from './route.ts';
import type { Route } from './route.ts';
import { routerPrompt } from './router-prompt.ts';

/** A route with what it cost to find it, and why it is single where the router did not say so. */
export interface RouteFinding {
  readonly route: Route;
  readonly spendUsd: number;
  readonly fallback?: string;
}

const ROUTER_USD = 0.05;
const ROUTER: TaskOptions = {
  model: 'haiku',
  effort: 'low',
  maxTurns: 3,
  retries: 0,
  tools: [],
  permissionMode: 'plan',
  session: 'fresh',
  priority: 1_000,
  tags: ['route'],
  jsonSchema: ROUTE_JSON_SCHEMA,
};

interface Finding {
  readonly hints: Hints;
  readonly desk: Desk;
  readonly call: Call;
  /** What may be spent on all of it, in US dollars. @default no limit but the router's own */
  readonly maxBudgetUsd?: number | undefined;
}

/** No other task can go on without a login or money: falling back would only hide that. */
const FINAL = new Set(['CLAUDE_AUTH', 'BUDGET_EXCEEDED', 'POOL_CLOSED']);

/** Lets one cheap task decide how another is to be worked on. On doubt, and on any other failure, it is a single one. */
export async function findRoute(
  task: string,
  { hints, desk, call, maxBudgetUsd = Infinity }: Finding,
): Promise<RouteFinding> {
  const { pool } = desk;
  const cap = Math.min(ROUTER_USD, maxBudgetUsd);
  const id = await pool.submit(routerPrompt(task, hints), {
    ...ROUTER,
    maxBudgetUsd: cap,
    timeoutMs: Math.max(1, timeLeft(call)),
  });
  await waitFor([id], { desk, call }).finally(() => cancelFor([id], { desk, call }));
  const { result, error, verdict, endedAt, spendUsd: spent } = pool.task(id);
  // Until a cancelled router has ended, it may still spend all that it may.
  const spendUsd = endedAt === undefined ? cap : spent;
  if (error !== undefined && isFinal(error, verdict)) throw error;
  const single: Route = { route: 'single', prompt: task };
  if (result === undefined) return { route: single, spendUsd, fallback: fallbackFor(error) };
  const parsed = routeSchema.safeParse(result.structuredOutput ?? jsonIn(result.output));
  if (!parsed.success) return { route: single, spendUsd, fallback: 'The router gave no route.' };
  const route = enforceHints(parsed.data, task, hints);
  const isOther = route.route !== parsed.data.route;
  return {
    route,
    spendUsd,
    ...(isOther && { fallback: 'The route of the router did not keep to its bounds.' }),
  };
}

/** A router that has passed its own cap says nothing of the budget of the pool. */
function isFinal({ code }: PoolError, verdict: string | undefined): boolean {
  return verdict === 'auth' || (FINAL.has(code) && verdict !== 'budget');
}

function fallbackFor(error: PoolError | undefined): string {
  return error === undefined ? 'The router did not answer.' : `The router failed: ${error.message}`;
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
