import Table from 'cli-table3';
import pc from 'picocolors';
import { openSkills } from '../../index.ts';
import type { Skill } from '../../index.ts';
import { answering } from '../answering.ts';
import type { AskFlags } from '../ask/ask-flags.ts';
import type { Desk } from '../desk/desk.ts';
import { printData } from '../envelope.ts';
import { manyLines, oneLine } from '../history/plain-text.ts';
import { remoteDesk } from '../remote/remote-desk.ts';

export function listSkills(flags: AskFlags): Promise<number> {
  return answering(flags, async (signal) => {
    const { skills: list } = await shelf(flags, signal);
    const skills = await list({ signal });
    if (flags.json === true) printData({ skills });
    else process.stdout.write(`${tableOf(skills)}\n`);
  });
}

export function showSkill(name: string, flags: AskFlags): Promise<number> {
  return answering(flags, async (signal) => {
    const { skill: get } = await shelf(flags, signal);
    const skill = await get({ name, signal });
    if (flags.json === true) printData({ skill });
    else process.stdout.write(`${factsOf(skill)}\n\n${manyLines(skill.prompt)}\n`);
  });
}

/** The skills of the pool that runs on the folder, which may have some of its own; else those of this folder. */
async function shelf(
  { stateDir, configured }: AskFlags,
  signal: AbortSignal,
): Promise<Pick<Desk, 'skills' | 'skill'>> {
  const running = await remoteDesk(stateDir, signal);
  if (running !== undefined) return running.desk;
  const skills = openSkills(configured.config);
  return { skills: () => skills.list({ signal }), skill: ({ name }) => skills.get(name, { signal }) };
}

function tableOf(skills: readonly Skill[]): string {
  const table = new Table({
    head: ['name', 'arguments', 'source', 'description'].map((title) => pc.bold(title)),
    style: { head: [], border: [], compact: true },
  });
  table.push(
    ...skills.map((skill) => [skill.name, argumentsOf(skill), skill.source, oneLine(skill.description, 60)]),
  );
  return table.toString();
}

function argumentsOf({ arguments: args }: Skill): string {
  return args.map(({ name, required }) => (required ? name : `[${name}]`)).join(' ');
}

function factsOf(skill: Skill): string {
  const { name, description, source, scope, path = '' } = skill;
  const facts = [
    ['skill', name],
    ['', oneLine(description)],
    ['arguments', argumentsOf(skill)],
    ['scope', scope],
    ['source', `${source} ${path}`],
  ] as const;
  return facts
    .filter(([, value]) => value !== '')
    .map(([fact, value]) => `${pc.bold(fact.padEnd(9))} ${value}`)
    .join('\n');
}
