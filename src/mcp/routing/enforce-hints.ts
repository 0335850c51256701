import type { Hints } from './hints.ts';
import type { Route } from './route.ts';

/** A route that keeps to the hints. What is too large is not cut, for that would lose work: it becomes single. */
export function enforceHints(route: Route, task: string, hints: Hints): Route {
  const single: Route = { route: 'single', prompt: task };
  if (route.route === 'single') return route;
  if (route.route === 'parallel') return fits(route.prompts, hints.max_parallel) ? route : single;
  const names = new Set(route.steps.map(({ name }) => name));
  return names.size === route.steps.length && fits(route.steps, hints.max_chain_steps) ? route : single;
}

const MOST_PARTS = 6;

function fits(parts: readonly unknown[], most = MOST_PARTS): boolean {
  return parts.length > 1 && parts.length <= most;
}
