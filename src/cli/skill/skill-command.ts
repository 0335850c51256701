import type { Command } from 'commander';
import { addAskFlags } from '../ask/ask-flags.ts';
import type { AskFlags } from '../ask/ask-flags.ts';
import { commandGroup } from '../command-group.ts';
import { defaultCommand } from '../default-command.ts';
import { addPoolFlags } from '../pool-flags.ts';
import type { Configured } from '../settings/configure.ts';
import { withSettings } from '../settings/with-settings.ts';
import { namedValues } from '../work/named-values.ts';
import { addWorkFlags } from '../work/work-flags.ts';
import type { WorkFlags } from '../work/work-flags.ts';

export interface SkillRunFlags extends WorkFlags {
  readonly arg?: Readonly<Record<string, string>>;
}

export interface NewFlags extends Configured {
  readonly description?: string;
  readonly global?: boolean;
  readonly json?: boolean;
}

export interface ValidateFlags {
  readonly json?: boolean;
}

const NOTES = `
Skills are looked for in the pool that runs, else in .claude-pool/skills, ~/.claude-pool/skills and this package.
See docs/skills.md for the form of a SKILL.md.

Examples:
  $ claude-pool skill list
  $ claude-pool skill run code-review src/pool.ts
  $ claude-pool skill run code-review --arg target=src/pool.ts --json
  $ claude-pool skill new release-notes --description "Write the release notes."
  $ claude-pool skill validate .claude-pool/skills

Exit codes: 0 done · 1 no such skill, or a fault in one · 2 wrong usage; of \`run\`: see \`skill run --help\``;

export function addSkillCommand(program: Command): void {
  const skill = commandGroup(program, {
    name: 'skill',
    summary: 'run, list and write skills',
    description: 'Runs, lists, shows, checks and writes skills: prompts with a name and arguments.',
    notes: NOTES,
  });
  addRun(skill);
  addAskFlags(defaultCommand(skill, 'list'))
    .description('Lists the skills that can be run (the default).')
    .action(async (flags: AskFlags) => {
      const { listSkills } = await import('./print-skills.ts');
      process.exitCode = await listSkills(flags);
    });
  addAskFlags(skill.command('show'))
    .description('Shows a skill with its prompt, arguments and settings.')
    .argument('<name>')
    .action(async (name: string, flags: AskFlags) => {
      const { showSkill } = await import('./print-skills.ts');
      process.exitCode = await showSkill(name, flags);
    });
  skill
    .command('validate')
    .description('Checks files against the Agent Skills standard, and whether they can be run.')
    .argument('[path...]', 'a SKILL.md, a folder with one, or a folder of such folders', [
      '.claude-pool/skills',
    ])
    .option('--json', 'print JSON, and nothing else')
    .action(async (paths: readonly string[], flags: ValidateFlags) => {
      const { validateSkills } = await import('./validate-skills.ts');
      process.exitCode = await validateSkills(paths, flags);
    });
  withSettings(skill.command('new'), ['skillsDir'])
    .description('Writes the SKILL.md of a new skill, for you to fill in.')
    .argument('<name>', 'lower-case letters, digits and hyphens')
    .option('--description <text>', 'what it is for, and when')
    .option('--global', 'into ~/.claude-pool/skills (default: .claude-pool/skills)')
    .option('--json', 'print JSON, and nothing else')
    .action(async (name: string, flags: NewFlags) => {
      const { newSkill } = await import('./new-skill.ts');
      process.exitCode = await newSkill(name, flags);
    });
}

function addRun(skill: Command): void {
  const run = skill
    .command('run')
    .description('Runs a skill as one task, with the settings of the skill unless others are given.')
    .argument('<name>')
    .argument('[arguments...]', 'in the order of the skill')
    .option('--arg <name=value>', 'an argument by its name; may be given several times', namedValues);
  addWorkFlags(addPoolFlags(run)).action(
    async (name: string, values: readonly string[], flags: SkillRunFlags) => {
      if (values.length > 0 && flags.arg !== undefined) {
        run.error('error: expected arguments in order or as --arg, got both');
      }
      const { runSkill } = await import('./run-skill.ts');
      process.exitCode = await runSkill(name, values, flags);
    },
  );
}
