import { readFile, readdir } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { lintSkill } from '../../src/skills/lint-skill.ts';
import { renderSkill } from '../../src/skills/render-skill.ts';
import { skillFolders } from '../../src/skills/skill-folders.ts';
import { skillRegistry } from '../../src/skills/skill-registry.ts';

const { builtin } = skillFolders();
const skills = skillRegistry({ builtin });
const chainFiles = (await readdir(path.join(builtin, 'chains'))).toSorted();

const stepSchema = z.looseObject({
  name: z.string(),
  prompt: z.string().optional(),
  skill: z.string().optional(),
  arguments: z.record(z.string(), z.string()).default({}),
  recoveryPrompt: z.string().optional(),
  outputs: z.record(z.string(), z.string()).default({}),
});
const chainSchema = z.looseObject({
  name: z.string(),
  arguments: z.array(z.looseObject({ name: z.string() })),
  steps: z.array(stepSchema).min(2),
});

test('the fifteen builtin skills are there with their scopes and arguments', async () => {
  const list = await skills.list();

  expect(
    list.map(({ name, scope, arguments: args }) => [name, scope, args.map(signature).join(' ')]),
  ).toEqual([
    ['chain-implement-issue', 'chain', 'issue*'],
    ['chain-watcher', 'coordinator', 'chain_ids'],
    ['code-review', 'task', 'target*'],
    ['create-pr', 'task', 'title* body* issue'],
    ['implement', 'task', 'description*'],
    ['issue-triage', 'coordinator', 'issue*'],
    ['issue-watcher', 'coordinator', ''],
    ['loop-monitor', 'coordinator', 'repo* filters verbose'],
    ['plan-then-execute', 'chain', 'task*'],
    ['pool-dashboard', 'coordinator', ''],
    ['pre-push', 'task', 'context'],
    ['rebase-onto-main', 'task', ''],
    ['refactor', 'task', 'target* goal*'],
    ['summarize', 'task', 'target*'],
    ['write-tests', 'task', 'target*'],
  ]);
  expect(await skills.problems()).toEqual([]);
});

test('the original names of the builtins, with underscores, still find them', async () => {
  const found = await Promise.all(
    ['code_review', 'rebase_onto_main', 'create_pr'].map((name) => skills.get(name)),
  );

  expect(found.map(({ name }) => name)).toEqual(['code-review', 'rebase-onto-main', 'create-pr']);
});

test('every builtin skill is valid under the standard', async () => {
  const texts = await Promise.all(
    (await skills.list()).map(async ({ path: file = '' }) => ({ file, text: await readFile(file, 'utf8') })),
  );

  expect(texts.flatMap(({ file, text }) => lintSkill(text, { path: file }))).toEqual([]);
});

test('every builtin skill puts each of its arguments in where it has a place for it', async () => {
  for (const skill of await skills.list()) {
    const values = Object.fromEntries(skill.arguments.map(({ name }) => [name, `<<${name}>>`]));

    const text = renderSkill(skill, values);

    expect([skill.name, Object.values(values).filter((value) => !text.includes(value))]).toEqual([
      skill.name,
      [],
    ]);
    expect(text).not.toContain('ARGUMENTS:');
  }
});

test('B22: skills that monitor keep nothing in the shared context and read money as US dollars', async () => {
  for (const { name, prompt, settings } of await skills.list({ scope: 'coordinator' })) {
    expect([name, /context_set|micro-?dollars|\/ ?100\b/i.test(prompt), settings]).toEqual([name, false, {}]);
  }
});

test('the example of the guide is a valid skill', async () => {
  const guide = await readFile(path.join(builtin, '..', 'docs', 'skills.md'), 'utf8');
  const text = /```markdown\n(.*?)```/s.exec(guide)?.[1] ?? '';

  expect(lintSkill(text, { path: 'explain/SKILL.md' })).toEqual([]);
  expect(renderSkill(skillRegistry({}).register(text), 'src/a.ts deeply')).toBe(
    'Explain src/a.ts to somebody who has never seen it. Depth (none means an overview): deeply',
  );
});

test('the chain templates are there', () => {
  expect(chainFiles).toEqual([
    'issue-to-pr.yaml',
    'plan-then-execute.yaml',
    'refactor-and-test.yaml',
    'review-and-fix.yaml',
  ]);
});

test.for(chainFiles)('B14: every step of %s but the first gets what an earlier one gave', async (file) => {
  const { steps } = await chainOf(file);

  const deaf = steps
    .slice(1)
    .filter((step) => !/\{previous_output\}|\{steps\./.test(textsOf(step).join('\n')));

  expect(deaf.map(({ name }) => name)).toEqual([]);
});

test.for(chainFiles)('%s refers only to its own arguments and to values of earlier steps', async (file) => {
  const { name, arguments: args, steps } = await chainOf(file);
  const known = new Set(args.map((argument) => argument.name));

  for (const [index, step] of steps.entries()) {
    const references = textsOf(step).flatMap((text) =>
      [...text.matchAll(/\{([\w.]+)\}/g)].map(([, word = '']) => word),
    );
    const allowed = [
      ...known,
      ...(index > 0 ? ['previous_output'] : []),
      ...(step.recoveryPrompt ? ['error'] : []),
    ];
    expect(references.filter((reference) => !allowed.includes(reference))).toEqual([]);
    for (const value of ['output', ...Object.keys(step.outputs)]) known.add(`steps.${step.name}.${value}`);
  }
  expect(`${name}.yaml`).toBe(file);
});

test.for(chainFiles)('%s gives every skill that it runs the arguments that it declares', async (file) => {
  const { steps } = await chainOf(file);

  for (const { skill: name, arguments: args, prompt } of steps) {
    expect(name === undefined).toBe(prompt !== undefined);
    if (name === undefined) continue;
    const skill = await skills.get(name);
    expect(renderSkill(skill, args)).toContain(Object.values(args)[0]);
    expect(
      Object.keys(args).filter((given) => !skill.arguments.some((known) => known.name === given)),
    ).toEqual([]);
  }
});

async function chainOf(file: string) {
  return chainSchema.parse(parse(await readFile(path.join(builtin, 'chains', file), 'utf8')));
}

function textsOf(step: z.output<typeof stepSchema>): readonly string[] {
  return [step.prompt ?? '', step.recoveryPrompt ?? '', ...Object.values(step.arguments)];
}

function signature({ name, required }: { readonly name: string; readonly required: boolean }): string {
  return required ? `${name}*` : name;
}
