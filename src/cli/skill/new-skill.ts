import { openSkills, PoolError } from '../../index.ts';
import { answering } from '../answering.ts';
import { printData } from '../envelope.ts';
import type { NewFlags } from './skill-command.ts';

/** `claude-pool skill new`. Writes over nothing. */
export function newSkill(
  name: string,
  {
    description = 'What it is for, and when it is to be used.',
    global: isGlobal = false,
    json,
    configured,
  }: NewFlags,
): Promise<number> {
  return answering({ ...(json && { json }) }, async (signal) => {
    const to = isGlobal ? 'global' : 'project';
    const skills = openSkills(configured.config);
    const there = await skills.list({ source: to, signal });
    if (there.some((skill) => skill.name === name)) throw taken(name, to);
    skills.register({ name, description, prompt: PROMPT, arguments: ARGUMENTS });
    const path = await skills.save(name, { to, signal });
    if (json === true) printData({ name, path });
    else process.stdout.write(`${path}\n`);
  });
}

const ARGUMENTS = [{ name: 'target', description: 'What to look at.', required: true }];

const PROMPT = `Say here what Claude is to do with {target}, step by step.

Say what the answer should look like.`;

function taken(name: string, to: string): PoolError {
  const message = `Expected a new name, got \`${name}\`, which is a skill of the ${to} folder already.`;
  return new PoolError('INVALID_STATE', message);
}
