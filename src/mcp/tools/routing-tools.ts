import { z } from 'zod';
import type { Desk } from '../desk.ts';
import { outcomeSchema } from '../outcome.ts';
import { findRoute } from '../routing/find-route.ts';
import { hintFields } from '../routing/hints.ts';
import { takeRoute } from '../routing/take-route.ts';
import { promptField, taskFields, taskOptions } from '../task-fields.ts';
import { tool, WORKS } from '../tool.ts';
import type { Answer, Tool } from '../tool.ts';

const WAYS = 'as a single task, parallel tasks or a chain';

const autoSchema = z.looseObject({
  route: z.string(),
  task_ids: z.array(z.string()),
  output: z.string(),
  outcomes: z.array(outcomeSchema),
  spend_usd: z.number(),
});
const routeSchema = z.looseObject({
  route: z.string(),
  spend_usd: z.number(),
  fallback: z.string().optional(),
});

const autoFields = {
  prompt: promptField,
  model: taskFields.model,
  effort: taskFields.effort,
  max_budget_usd: taskFields.max_budget_usd.describe(
    'Cap on all of it, in US dollars; parallel tasks have equal shares.',
  ),
  tags: taskFields.tags,
};

/** Tools that let the pool decide how a task is divided. */
export function routingTools(desk: Desk): readonly Tool[] {
  const auto = tool({
    name: 'pool_auto',
    title: 'Run a task the way that fits it',
    description: `Lets one cheap task decide whether to run the prompt ${WAYS}, and runs it so. Waits as \`pool_run\` does.`,
    annotations: WORKS,
    input: z.strictObject(autoFields),
    output: autoSchema,
    failsWhen: hasLost,
    async run({ prompt, ...fields }, call) {
      const { max_budget_usd: maxBudgetUsd } = fields;
      const finding = await findRoute(prompt, { hints: {}, desk, call, maxBudgetUsd });
      return takeRoute(finding, { options: taskOptions(fields, desk), desk, call });
    },
  });
  const autoWithHints = tool({
    name: 'pool_auto_with_hints',
    title: 'Run a task the way that fits it, within bounds',
    description: 'As `pool_auto`, with hints. What would pass their bounds is run as a single task.',
    annotations: WORKS,
    input: z.strictObject({ ...autoFields, ...hintFields }),
    output: autoSchema,
    failsWhen: hasLost,
    async run({ prompt, model, effort, max_budget_usd, tags, ...hints }, call) {
      const finding = await findRoute(prompt, { hints, desk, call, maxBudgetUsd: max_budget_usd });
      const options = taskOptions({ model, effort, max_budget_usd, tags }, desk);
      return takeRoute(finding, { options, desk, call });
    },
  });
  const route = tool({
    name: 'pool_route',
    title: 'Find the way that fits a task',
    description: `Tells whether a prompt is best run ${WAYS}, without running it.`,
    annotations: { ...WORKS, readOnlyHint: true },
    input: z.strictObject({ prompt: promptField }),
    output: routeSchema,
    run: ({ prompt }, call) => findRoute(prompt, { hints: {}, desk, call }).then(routeAnswer),
  });
  const routeWithHints = tool({
    name: 'pool_route_with_hints',
    title: 'Find the way that fits a task, within bounds',
    description: 'As `pool_route`, with hints. What would pass their bounds is a single task.',
    annotations: { ...WORKS, readOnlyHint: true },
    input: z.strictObject({ prompt: promptField, ...hintFields }),
    output: routeSchema,
    run: ({ prompt, ...hints }, call) => findRoute(prompt, { hints, desk, call }).then(routeAnswer),
  });
  return [auto, autoWithHints, route, routeWithHints];
}

function routeAnswer({ route, spendUsd, fallback }: Awaited<ReturnType<typeof findRoute>>): Answer {
  return { ...route, spend_usd: spendUsd, ...(fallback !== undefined && { fallback }) };
}

function hasLost({ outcomes }: Answer): boolean {
  return (
    Array.isArray(outcomes) && outcomes.every((each) => each.state === 'failed' || each.state === 'cancelled')
  );
}
