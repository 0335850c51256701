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
  const ids = await startRoute(route, taking);
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

async function startRoute(route: Route, { options, desk }: Taking): Promise<readonly string[]> {
  const { pool } = desk;
  if (route.route === 'single') return [await pool.submit(route.prompt, options)];
  if (route.route === 'parallel') {
    return allOrNone(
      await Promise.allSettled(route.prompts.map((prompt) => pool.submit(prompt, options))),
      desk,
    );
  }
  const { maxBudgetUsd, tags, ...each } = options;
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
