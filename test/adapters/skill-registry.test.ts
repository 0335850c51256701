import { mkdir, mkdtemp, readFile, readdir, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { parseSkill } from '../../src/skills/parse-skill.ts';
import { skillRegistry } from '../../src/skills/skill-registry.ts';
import { skillShelf } from '../../src/skills/skill-shelf.ts';

test('of one name the first source counts, and the others are listed as shadowed', async () => {
  const folders = await scratch({
    project: { fix: 'from project' },
    global: { fix: 'from global', tidy: 'from global' },
    builtin: { fix: 'from builtin', test: 'from builtin' },
  });
  const skills = skillRegistry(folders);
  skills.register({ name: 'fix', description: 'Fixes.', prompt: 'from runtime' });

  const list = await skills.list();

  expect(
    list.map(({ name, prompt, shadowed }) => [name, prompt, shadowed.map(({ source }) => source)]),
  ).toEqual([
    ['fix', 'from runtime', ['project', 'global', 'builtin']],
    ['test', 'from builtin', []],
    ['tidy', 'from global', []],
  ]);
});

test('what a removed skill hid shows again', async () => {
  const skills = skillRegistry(await scratch({ project: { fix: 'project' }, builtin: { fix: 'builtin' } }));
  skills.register({ name: 'fix', description: 'Fixes.', prompt: 'runtime' });

  const seen = [(await skills.get('fix')).prompt];
  await skills.remove('fix');
  seen.push((await skills.get('fix')).prompt);
  await skills.remove('fix', { from: 'project' });
  seen.push((await skills.get('fix')).prompt);

  expect(seen).toEqual(['runtime', 'project', 'builtin']);
  await expect(skills.remove('fix', { from: 'project' })).rejects.toMatchObject({ code: 'INVALID_STATE' });
});

test('the list is narrowed by scope and source', async () => {
  const skills = skillRegistry(await scratch({ project: { fix: 'x' }, builtin: { watch: 'x' } }));
  skills.register({ name: 'plan', description: 'Plans.', prompt: 'x', scope: 'coordinator' });

  const lists = [await skills.list({ scope: 'coordinator' }), await skills.list({ source: 'project' })];

  expect(lists.map((list) => list.map(({ name }) => name))).toEqual([['plan'], ['fix']]);
});

test('an underscore and a hyphen are the same in a name', async () => {
  const skills = skillRegistry(
    await scratch({ project: { code_review: 'own' }, builtin: { 'code-review': 'x' } }),
  );

  expect([(await skills.get('code-review')).prompt, (await skills.get('code_review')).prompt]).toEqual([
    'own',
    'own',
  ]);
});

test('a name that no skill has is refused with names that are near', async () => {
  const skills = skillRegistry(await scratch({ builtin: { 'code-review': 'x', implement: 'x' } }));

  await expect(skills.get('code_reviw')).rejects.toMatchObject({
    code: 'SKILL_NOT_FOUND',
    message: 'Expected the name of a skill, got `code_reviw`. Did you mean `code-review`?',
  });
  await expect(skills.get('zzz')).rejects.toThrow(
    'Expected the name of a skill, got `zzz`. See the list of skills.',
  );
});

test('a disabled skill is absent from every source', async () => {
  const folders = await scratch({ project: { code_review: 'x' }, builtin: { 'code-review': 'x', fix: 'x' } });
  const skills = skillRegistry({ ...folders, disabled: ['code-review'] });

  expect((await skills.list()).map(({ name }) => name)).toEqual(['fix']);
  await expect(skills.get('code-review')).rejects.toThrow('got `code-review`, which is disabled.');
});

test('B16: one bad file is reported and set aside, and the rest load', async () => {
  const folders = await scratch({ project: { good: 'x' } });
  const bad = await put(folders.project, 'bad/SKILL.md', '---\nname: bad\n---\nx\n');
  await put(folders.project, 'notes.md', 'not a skill');
  await put(folders.project, 'empty/notes.md', 'not a skill');
  const skills = skillRegistry(folders);

  expect((await skills.list()).map(({ name }) => name)).toEqual(['good']);
  expect(
    (await skills.problems()).map(({ path: file, source, error }) => [file, source, error.message]),
  ).toEqual([[bad, 'project', `${bad}:2: Expected \`description\` to be a string, got \`undefined\`.`]]);
  await expect(skills.get('bad')).rejects.toThrow(`got \`bad\`, which was set aside: ${bad}:2:`);
});

test.for([
  ['aliases that multiply', `a: &a [x, x, x, x, x, x, x, x, x, x]\n${doubled('abcdefgh')}`],
  ['nesting without end', `a: ${'['.repeat(30_000)}`],
  ['blank lines without end', '\n'.repeat(500_000)],
] as const)('a hostile file is set aside, and fast: %s', { timeout: 5_000 }, async ([, fields]) => {
  const folders = await scratch({ project: { good: 'x' } });
  await put(folders.project, 'bad/SKILL.md', `---\nname: bad\ndescription: b\n${fields}\n---\nx\n`);
  const skills = skillRegistry(folders);

  expect((await skills.list()).map(({ name }) => name)).toEqual(['good']);
  expect((await skills.problems()).map(({ error }) => error.code)).toEqual(['SKILL_INVALID']);
});

test('what is no regular file is set aside unread', async () => {
  const folders = await scratch({ project: { good: 'x' } });
  await mkdir(path.join(folders.project, 'bad'));
  await symlink('/dev/zero', path.join(folders.project, 'bad', 'SKILL.md'));
  const skills = skillRegistry(folders);

  expect((await skills.list()).map(({ name }) => name)).toEqual(['good']);
  expect((await skills.problems()).map(({ error }) => error.message)).toEqual([
    `${path.join(folders.project, 'bad', 'SKILL.md')}:1: Expected a regular file of at most 1 MiB.`,
  ]);
});

test('two skills of one name in one folder: the first counts, the second is reported', async () => {
  const folders = await scratch({ project: { 'my-skill': 'first', my_skill: 'second' } });
  const skills = skillRegistry(folders);

  expect((await skills.get('my_skill')).prompt).toBe('first');
  expect((await skills.problems()).map(({ path: file }) => path.relative(folders.project, file))).toEqual([
    path.join('my_skill', 'SKILL.md'),
  ]);
});

test('a file of the old form is loaded beside the folders', async () => {
  const folders = await scratch({});
  await put(folders.project, 'old.json', '{ "name": "old", "description": "Old.", "prompt": "Do {it}." }');

  expect(await skillRegistry(folders).get('old')).toMatchObject({ prompt: 'Do {it}.', source: 'project' });
});

test('changed, new and deleted files are seen at the next call', async () => {
  const folders = await scratch({ project: { fix: 'one' } });
  const skills = skillRegistry(folders);

  const seen = [(await skills.list()).map(({ prompt }) => prompt)];
  await put(folders.project, 'fix/SKILL.md', skillText('fix', 'two'));
  seen.push((await skills.list()).map(({ prompt }) => prompt));
  await put(folders.project, 'new/SKILL.md', skillText('new', 'three'));
  seen.push((await skills.list()).map(({ prompt }) => prompt));
  await rm(path.join(folders.project, 'fix'), { recursive: true });
  seen.push((await skills.list()).map(({ prompt }) => prompt));

  expect(seen).toEqual([['one'], ['two'], ['two', 'three'], ['three']]);
});

test('a change is seen though size and modification time stay the same', async () => {
  const folders = await scratch({ project: { fix: 'one' } });
  const file = path.join(folders.project, 'fix', 'SKILL.md');
  const longAgo = new Date(0);
  await utimes(file, longAgo, longAgo);
  const shelf = skillShelf({ root: folders.project, source: 'project', now: later });

  const before = await shelf.read();
  await put(folders.project, 'fix/SKILL.md', skillText('fix', 'two'));
  await utimes(file, longAgo, longAgo);
  const after = await shelf.read();

  expect([before, after].map(({ skills }) => skills.map(({ prompt }) => prompt))).toEqual([['one'], ['two']]);
});

test('an unchanged file is parsed once, but one that changed just now is parsed again', async () => {
  const { project: root } = await scratch({ project: { fix: 'one' } });
  const settled = skillShelf({ root, source: 'project', now: later });
  const fresh = skillShelf({ root, source: 'project', now: () => 0 });

  const [first, second] = [await settled.read(), await settled.read()];
  const [third, fourth] = [await fresh.read(), await fresh.read()];

  expect(second.skills[0]).toBe(first.skills[0]);
  expect(fourth.skills[0]).not.toBe(third.skills[0]);
  expect(fourth).toEqual(third);
});

test('B16: a saved skill keeps every field and is read back as it was', async () => {
  const folders = await scratch({});
  const skills = skillRegistry(folders);
  const {
    source: _,
    frontMatter,
    ...draft
  } = skills.register({
    name: 'fix_it',
    description: 'Fixes: "it".',
    prompt: 'Fix {file}\n---\nor $ARGUMENTS.',
    scope: 'chain',
    argumentHint: '[file]',
    arguments: [{ name: 'file', description: "What's to fix.", required: true }],
    settings: {
      model: 'haiku',
      allowedTools: ['Read', 'Bash(git add *)'],
      maxBudgetUsd: 0.5,
      permissionMode: 'acceptEdits',
    },
  });

  const file = await skills.save('fix_it', { to: 'global' });

  expect(file).toBe(path.join(folders.global, 'fix_it', 'SKILL.md'));
  expect(await skillRegistry({ global: folders.global }).get('fix-it')).toEqual({
    ...draft,
    frontMatter,
    source: 'global',
    path: file,
    folder: path.dirname(file),
    shadowed: [],
  });
  expect(await readdir(path.dirname(file))).toEqual(['SKILL.md']);
});

test.each([
  [['Bash(node -e "f (x, y)")', 'Read']],
  [['Bash(echo ((a)))', 'Read']],
  [['Read, Write', 'Bash(echo \\))']],
  [[]],
])('B16: the tools %j are those that a registered skill has', (allowedTools) => {
  const skills = skillRegistry({});

  const { settings } = skills.register({
    name: 'a',
    description: 'b',
    prompt: 'c',
    settings: { allowedTools },
  });

  expect(settings).toEqual({ allowedTools });
});

test('B16: a skill registered as text is saved to the letter', async () => {
  const folders = await scratch({});
  const skills = skillRegistry(folders);
  const text =
    '---\nname: fix # mine\ndescription: b\nother: [1]\nmetadata: { config: { model: x } }\n---\nDo it.\n';
  skills.register(text);

  expect(await readFile(await skills.save('fix', { to: 'project' }), 'utf8')).toBe(text);
});

test('saving again replaces the file and leaves its neighbours', async () => {
  const folders = await scratch({ project: { my_fix: 'old' } });
  const helper = await put(folders.project, 'my_fix/scripts/run.sh', 'echo');
  const skills = skillRegistry(folders);
  skills.register({ name: 'my-fix', description: 'Fixes.', prompt: 'new' });

  const file = await skills.save('my-fix', { to: 'project' });

  expect(file).toBe(path.join(folders.project, 'my_fix', 'SKILL.md'));
  expect([parseSkill(await readFile(file, 'utf8'), { path: file, source: 'project' }).prompt]).toEqual([
    'new',
  ]);
  expect(await readFile(helper, 'utf8')).toBe('echo');
});

test('B16: an ejected skill is a copy of the whole folder, and then counts', async () => {
  const folders = await scratch({ builtin: { fix: 'x' } });
  await put(folders.builtin, 'fix/references/more.md', 'More.');
  const skills = skillRegistry(folders);

  const file = await skills.eject('fix', { to: 'project' });

  expect(await readFile(path.join(path.dirname(file), 'references', 'more.md'), 'utf8')).toBe('More.');
  expect(await readFile(file, 'utf8')).toBe(skillText('fix', 'x'));
  expect(await skills.get('fix')).toMatchObject({ source: 'project', shadowed: [{ source: 'builtin' }] });
  expect(await readdir(folders.project)).toEqual(['fix']);
  await expect(skills.eject('fix', { to: 'project' })).rejects.toMatchObject({
    code: 'INVALID_STATE',
    message: `Expected no project skill \`fix\`, got ${file}. Edit it, or remove it first.`,
  });
});

test('only a runtime skill is saved and only a builtin skill is ejected', async () => {
  const skills = skillRegistry(await scratch({ project: { fix: 'x' } }));

  await expect(skills.save('fix', { to: 'global' })).rejects.toMatchObject({
    code: 'INVALID_STATE',
    message:
      'Expected a runtime skill, got `fix`, which is a project skill. Edit or remove it in the project.',
  });
  await expect(skills.eject('fix', { to: 'global' })).rejects.toMatchObject({ code: 'INVALID_STATE' });
  await expect(skills.save('none', { to: 'global' })).rejects.toMatchObject({ code: 'SKILL_NOT_FOUND' });
});

test('a folder that was not given is not written to', async () => {
  const skills = skillRegistry({});
  skills.register({ name: 'fix', description: 'Fixes.', prompt: 'x' });

  await expect(skills.save('fix', { to: 'project' })).rejects.toMatchObject({ code: 'INVALID_OPTIONS' });
});

test.for(['../up', '/etc/x', 'a/b', '.hidden', '', 'a\0b', '..'])(
  'the name %j is refused before anything is written',
  (name) => {
    const skills = skillRegistry({});

    expect(() => skills.register({ name, description: 'Fixes.', prompt: 'x' })).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTIONS' }),
    );
  },
);

test('a setting or field that does not exist is refused by name', () => {
  const draft = { name: 'fix', description: 'Fixes.', prompt: 'x', settings: { modle: 'x' }, scop: 'task' };

  expect(() => skillRegistry({}).register(Object(draft))).toThrow(
    'Expected only known options, got `settings.modle`. Expected only known options, got `scop`.',
  );
});

test('a link in place of a folder leads no write elsewhere', async () => {
  const folders = await scratch({ builtin: { fix: 'x' } });
  const outside = path.join(folders.project, '..', '..', '..', 'outside');
  await mkdir(path.join(outside, 'skills'), { recursive: true });
  await mkdir(folders.project, { recursive: true });
  await symlink(outside, path.join(folders.project, 'fix'));
  await symlink(outside, path.join(path.dirname(folders.global)));
  const skills = skillRegistry(folders);
  skills.register(skillText('fix', 'own'));

  await expect(skills.save('fix', { to: 'project' })).rejects.toMatchObject({ code: 'INVALID_STATE' });
  await expect(skills.eject('fix', { to: 'project' })).rejects.toMatchObject({ code: 'INVALID_STATE' });
  await expect(skills.save('fix', { to: 'global' })).rejects.toMatchObject({ code: 'INVALID_STATE' });
  await expect(skills.eject('fix', { to: 'global' })).rejects.toMatchObject({ code: 'INVALID_STATE' });
  expect(await readdir(outside, { recursive: true })).toEqual(['skills']);
});

test('removing a linked skill removes the link and not what it points to', async () => {
  const folders = await scratch({ project: {} });
  const elsewhere = await put(path.dirname(folders.project), 'elsewhere/SKILL.md', skillText('fix', 'x'));
  await mkdir(folders.project, { recursive: true });
  await symlink(path.dirname(elsewhere), path.join(folders.project, 'fix'));
  const skills = skillRegistry(folders);

  await skills.remove('fix', { from: 'project' });

  expect(await readdir(folders.project)).toEqual([]);
  expect(await readFile(elsewhere, 'utf8')).toBe(skillText('fix', 'x'));
});

test('an aborted call rejects with the reason of its signal', async () => {
  const skills = skillRegistry({});
  const reason = new Error('enough');

  await expect(skills.list({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
});

function doubled(names: string): string {
  return names
    .split('')
    .slice(1)
    .map((name, index) => `${name}: &${name} [${`*${names.charAt(index)}, `.repeat(10)}]`)
    .join('\n');
}

function later(): number {
  return Date.now() + 60_000;
}

type Prompts = Readonly<Record<string, string>>;

async function scratch(contents: { readonly [Source in 'project' | 'global' | 'builtin']?: Prompts }) {
  const root = await mkdtemp(path.join(tmpdir(), 'claude-pool-skills-'));
  onTestFinished(() => rm(root, { recursive: true, force: true }));
  const folders = {
    project: path.join(root, 'project', '.claude-pool', 'skills'),
    global: path.join(root, 'home', '.claude-pool', 'skills'),
    builtin: path.join(root, 'package', 'skills'),
  };
  await mkdir(path.join(root, 'home'));
  for (const source of ['project', 'global', 'builtin'] as const) {
    for (const [name, prompt] of Object.entries(contents[source] ?? {})) {
      await put(folders[source], `${name}/SKILL.md`, skillText(name, prompt));
    }
  }
  return folders;
}

async function put(folder: string, name: string, text: string): Promise<string> {
  const file = path.join(folder, name);
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, text);
  return file;
}

function skillText(name: string, prompt: string): string {
  return `---\nname: ${name}\ndescription: Does it.\nkept: true\n---\n\n${prompt}\n`;
}
