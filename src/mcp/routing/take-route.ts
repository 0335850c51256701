import { PoolError } from '../../index.ts';
import type { TaskOptions } from '../../index.ts';
import type { Desk } from '../desk.ts';
import { allOrNone, follow } from '../follow.ts';
import { isSettled } from '../outcome.ts';
import type { Answer, Call } from '../tool.ts';
import type { RouteFinding } from './find-route.ts';
import type { Route } from './route.ts';

interface Taking {
  readonly options: TaskOptions;
  readonly desk: Desk;
  readonly call: Call;
}

/** Works on a task by its route, and tells all outcomes. */
export async function takeRoute(
  { route, spendUsd, fallback }: RouteFinding,
  taking: Taking,
): Promise<Answer> {
  const ids = await startRoute(route, { ...taking, options: afterRouter(taking.options, spendUsd) });
  const outcomes = await follow(ids, taking);
  const open = outcomes.filter((outcome) => !isSettled(outcome));
  return {
    route: route.route,
    task_ids: ids,
    output: outputOf(outcomes),
    outcomes,
    spend_usd: outcomes.reduce((total, outcome) => total + Number(outcome['spend_usd'] ?? 0), spendUsd),
    ...(fallback !== undefined && { fallback }),
    ...(open.length > 0 && { next: 'It goes on. Call `pool_wait` with these `task_ids`.' }),
  };
}

/** What the choice of the route has cost is not there for the work. */
function afterRouter({ maxBudgetUsd: cap, ...options }: TaskOptions, spendUsd: number): TaskOptions {
  if (cap === undefined) return options;
  if (spendUsd < cap) return { ...options, maxBudgetUsd: cap - spendUsd };
  const message = `Expected \`max_budget_usd\` to leave something for the work, got ${spendUsd} of ${cap} USD spent on finding its route.`;
  throw new PoolError('BUDGET_EXCEEDED', message, { verdict: 'budget' });
}

async function startRoute(route: Route, { options, desk }: Taking): Promise<readonly string[]> {
  const { pool } = desk;
  if (route.route === 'single') return [await pool.submit(route.prompt, options)];
  const { maxBudgetUsd, tags, ...each } = options;
  if (route.route === 'parallel') {
    const { prompts } = route;
    const share =
      maxBudgetUsd === undefined ? options : { ...options, maxBudgetUsd: maxBudgetUsd / prompts.length };
    return allOrNone(await Promise.allSettled(prompts.map((prompt) => pool.submit(prompt, share))), desk);
  }
  const steps = route.steps.map((step) => ({ ...step, options: each }));
  return [
    await pool.submitChain(steps, {
      ...(maxBudgetUsd !== undefined && { maxBudgetUsd }),
      ...(tags !== undefined && { tags }),
    }),
  ];
}

function outputOf(outcomes: readonly Answer[]): string {
  const texts = outcomes.map(({ output }) => (typeof output === 'string' ? output : ''));
  if (texts.length === 1) return texts[0] ?? '';
  return texts.map((text, index) => `${index + 1}. ${text}`).join('\n\n');
}
