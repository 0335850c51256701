import { z } from 'zod';
import type { Desk } from '../desk.ts';
import { taskFields } from '../task-fields.ts';
import { ADDS, ENDS, SETS, tool } from '../tool.ts';
import type { Tool } from '../tool.ts';

const nameField = z.string().min(1).describe('Name of a skill.');
const folderField = z.enum(['project', 'global']).default('project').describe('Whose folder of skills.');

/** What may only narrow what a slot may do: permissions, allowed tools and MCP servers are the person's to give. */
const configField = z.strictObject({
  model: taskFields.model,
  effort: taskFields.effort,
  max_turns: taskFields.max_turns,
  max_budget_usd: taskFields.max_budget_usd,
  json_schema: taskFields.json_schema,
  tools: taskFields.tools,
  disallowed_tools: taskFields.disallowed_tools,
});

/** Tools that change which skills there are. */
export function skillShelfTools({ pool, promptsChanged }: Desk): readonly Tool[] {
  const add = tool({
    name: 'pool_skill_add',
    title: 'Add a skill',
    description: 'Adds or replaces a skill until the pool ends. `pool_skill_save` keeps it.',
    annotations: SETS,
    input: z.strictObject({
      name: nameField,
      description: z.string().min(1),
      prompt: z.string().min(1).describe('With placeholders such as `{name}`, `$0` and `$ARGUMENTS`.'),
      arguments: z
        .array(
          z.strictObject({
            name: z.string().min(1),
            description: z.string().optional(),
            required: z.boolean().optional(),
          }),
        )
        .optional(),
      scope: z.enum(['task', 'chain', 'coordinator']).optional(),
      config: configField.optional(),
    }),
    output: z.object({ name: z.string(), source: z.string(), overwritten: z.boolean() }),
    async run({ name, description, prompt, arguments: args, scope, config }, { signal }) {
      const before = await pool.skills.list({ signal });
      const skill = pool.skills.register({
        name,
        description,
        prompt,
        ...(args !== undefined && { arguments: args.map(argumentOf) }),
        ...(scope !== undefined && { scope }),
        ...(config !== undefined && { settings: settingsOf(config) }),
      });
      promptsChanged();
      return {
        name: skill.name,
        source: skill.source,
        overwritten: before.some((each) => each.name === skill.name),
      };
    },
  });
  const remove = tool({
    name: 'pool_skill_remove',
    title: 'Remove a skill',
    description: 'Takes a skill out of one source, with its files; what it hid shows again.',
    annotations: ENDS,
    input: z.strictObject({
      name: nameField,
      from: z.enum(['runtime', 'project', 'global']).default('runtime'),
    }),
    output: z.object({ removed: z.string() }),
    async run({ name, from }, { signal }) {
      await pool.skills.remove(name, { from, signal });
      promptsChanged();
      return { removed: name };
    },
  });
  const save = tool({
    name: 'pool_skill_save',
    title: 'Save a skill',
    description: 'Writes a skill that was added to a folder, so that later pools have it.',
    annotations: ADDS,
    input: z.strictObject({ name: nameField, to: folderField }),
    output: z.object({ saved: z.string(), path: z.string() }),
    run: async ({ name, to }, { signal }) => ({
      saved: name,
      path: await pool.skills.save(name, { to, signal }),
    }),
  });
  const eject = tool({
    name: 'pool_skill_eject',
    title: 'Eject a builtin skill',
    description: 'Copies a builtin skill to a folder, so that it can be edited.',
    annotations: ADDS,
    input: z.strictObject({ name: nameField, to: folderField }),
    output: z.object({ ejected: z.string(), path: z.string() }),
    run: async ({ name, to }, { signal }) => ({
      ejected: name,
      path: await pool.skills.eject(name, { to, signal }),
    }),
  });
  return [add, remove, save, eject];
}

interface GivenArgument {
  readonly name: string;
  readonly description?: string | undefined;
  readonly required?: boolean | undefined;
}

function argumentOf({ name, description, required }: GivenArgument) {
  return {
    name,
    ...(description !== undefined && { description }),
    ...(required !== undefined && { required }),
  };
}

function settingsOf(config: z.output<typeof configField>) {
  const { model, effort, tools } = config;
  const { max_turns: maxTurns, max_budget_usd: maxBudgetUsd } = config;
  const { json_schema: jsonSchema, disallowed_tools: disallowedTools } = config;
  return {
    ...(model !== undefined && { model }),
    ...(effort !== undefined && { effort: effort === 'min' ? ('low' as const) : effort }),
    ...(tools !== undefined && { tools }),
    ...(maxTurns !== undefined && { maxTurns }),
    ...(maxBudgetUsd !== undefined && { maxBudgetUsd }),
    ...(jsonSchema !== undefined && { jsonSchema }),
    ...(disallowedTools !== undefined && { disallowedTools }),
  };
}
