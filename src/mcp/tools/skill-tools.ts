import { z } from 'zod';
import type { Skill } from '../../index.ts';
import type { Desk } from '../desk.ts';
import { followOne } from '../follow.ts';
import { isLost, outcomeSchema } from '../outcome.ts';
import { taskFields, taskOptions } from '../task-fields.ts';
import { READS, tool, WORKS } from '../tool.ts';
import type { Answer, Tool } from '../tool.ts';
import { wireObject } from '../wire.ts';
import { skillShelfTools } from './skill-shelf-tools.ts';

const value = z.union([z.string(), z.number(), z.boolean()]);
const skillField = z.string().min(1).describe('Name of a skill.');

/** Tools for skills: prompts with a name and arguments. */
export function skillTools(desk: Desk): readonly Tool[] {
  const { pool } = desk;
  const run = tool({
    name: 'pool_skill_run',
    title: 'Run a skill',
    description:
      'Runs a skill as one task, with the settings of the skill unless others are given. Waits as `pool_run` does.',
    annotations: WORKS,
    input: z.strictObject({
      skill: skillField,
      arguments: z.union([z.string(), z.array(value), z.record(z.string(), value)]).optional(),
      ...taskFields,
    }),
    output: outcomeSchema,
    failsWhen: isLost,
    async run({ skill, arguments: args = {}, ...fields }, call) {
      const id = await pool.submitSkill(skill, args, taskOptions(fields, desk));
      return followOne(id, { desk, call });
    },
  });
  const list = tool({
    name: 'pool_skill_list',
    title: 'List skills',
    description: 'The skills that the pool knows, by name.',
    annotations: READS,
    input: z.strictObject({
      scope: z.enum(['task', 'chain', 'coordinator']).optional(),
      source: z.enum(['runtime', 'project', 'global', 'builtin']).optional(),
    }),
    output: z.object({ skills: z.array(z.looseObject({ name: z.string(), description: z.string() })) }),
    async run({ scope, source }, { signal }) {
      const skills = await pool.skills.list({
        signal,
        ...(scope !== undefined && { scope }),
        ...(source !== undefined && { source }),
      });
      return { skills: skills.map(briefOf) };
    },
  });
  const get = tool({
    name: 'pool_skill_get',
    title: 'Show a skill',
    description: 'A skill with its prompt, arguments and settings.',
    annotations: READS,
    input: z.strictObject({ name: skillField }),
    output: z.looseObject({ name: z.string(), prompt: z.string(), customized: z.boolean() }),
    async run({ name }, { signal }) {
      const { frontMatter: _, ...skill } = await pool.skills.get(name, { signal });
      const isCustomized =
        skill.source !== 'builtin' && skill.shadowed.some(({ source }) => source === 'builtin');
      return { ...wireObject(skill), customized: isCustomized };
    },
  });
  return [run, list, get, ...skillShelfTools(desk)];
}

function briefOf({ name, description, scope, source, argumentHint, arguments: args }: Skill): Answer {
  return {
    name,
    description,
    scope,
    source,
    arguments: args.map((each) => (each.required ? each.name : `[${each.name}]`)),
    ...(argumentHint !== undefined && { argument_hint: argumentHint }),
  };
}
