import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import type { PoolOptions } from '../../src/api.ts';
import type { SkillDraft } from '../../src/skills/skill-draft.ts';
import { EMPTY, fakeWitness, realWitness } from './witness.ts';
import type { FakeWitness } from './witness.ts';

const EXPLAIN: SkillDraft = {
  name: 'explain',
  description: 'Explains a file.',
  prompt: 'Explain {file} to {reader}.',
  arguments: [{ name: 'file', required: true }, { name: 'reader' }],
};

test('a skill runs with its arguments by name, in order or as one text', async () => {
  await using stage = await fakeWitness(EMPTY, { slots: 1 });
  const { pool } = stage;
  pool.skills.register(EXPLAIN);

  await pool.runSkill('explain', { file: 'a.ts', reader: 'a child' });
  await pool.runSkill('explain', ['b.ts', 'an expert']);
  await pool.runSkill('explain', '"c d.ts" the whole world');

  expect(promptsOf(stage)).toEqual([
    'Explain a.ts to a child.',
    'Explain b.ts to an expert.',
    'Explain c d.ts to the whole world.',
  ]);
});

test('the result of a skill is that of a task', async () => {
  await using stage = await fakeWitness(EMPTY);
  const { pool } = stage;
  pool.skills.register(EXPLAIN);

  const taskId = await pool.submitSkill('explain', { file: 'a.ts' }, { tags: ['skill'] });
  const result = await pool.wait(taskId);

  expect(result).toMatchObject({ taskId, output: 'echo: Explain a.ts to .', verdict: 'succeeded' });
  expect(pool.tasks({ tag: 'skill' }).map(({ id }) => id)).toEqual([taskId]);
});

test('a skill’s model applies, and that of the caller wins', async () => {
  await using stage = await fakeWitness(EMPTY, { slots: 1, model: 'claude-haiku-4-5' });
  const { pool } = stage;
  pool.skills.register({ ...EXPLAIN, settings: { model: 'claude-sonnet-5' } });

  await pool.run('plain');
  await pool.runSkill('explain', { file: 'a.ts' });
  await pool.runSkill('explain', { file: 'a.ts' }, { model: 'claude-opus-4-8' });

  expect(stage.prompts().map(({ model }) => model)).toEqual([
    'claude-haiku-4-5',
    'claude-sonnet-5',
    'claude-opus-4-8',
  ]);
});

test('the allowed tools of a skill apply to its run and to no other, and those of the caller win', async () => {
  const toolUse = { name: 'Write', input: { file_path: 'a.md', content: 'It is.' } };
  const answers = [{ toolUse }, { text: 'done' }];
  await using stage = await fakeWitness(
    { rules: [{ when: 'Explain', answers }] },
    { slots: 1, permissionMode: 'default' },
  );
  const { pool } = stage;
  pool.skills.register({ ...EXPLAIN, settings: { allowedTools: ['Write'] } });

  const allowed = await pool.runSkill('explain', { file: 'a.ts' });
  const narrowed = await pool.runSkill('explain', { file: 'a.ts' }, { allowedTools: ['Read'] });
  const plain = await pool.run('Explain it.');

  expect(allowed.denials).toEqual([]);
  expect(narrowed.denials).toMatchObject([{ toolName: 'Write' }]);
  expect(plain.denials).toMatchObject([{ toolName: 'Write' }]);
});

test('a skill that is missing, lacks an argument, or needs the pool’s tools runs nothing (B23)', async () => {
  await using stage = await fakeWitness(EMPTY);
  const { pool } = stage;
  pool.skills.register(EXPLAIN);

  const refusals = await Promise.allSettled([
    pool.runSkill('explane', { file: 'a.ts' }),
    pool.runSkill('explain'),
    pool.submitSkill('explain', { reader: 'me' }),
    pool.runSkill('pool-dashboard'),
    pool.submitChain([{ name: 'watch', skill: 'chain-watcher' }]),
  ]);

  expect(refusals).toMatchObject([
    { reason: { code: 'SKILL_NOT_FOUND', message: expect.stringContaining('`explain`') } },
    { reason: { code: 'SKILL_INVALID', message: expect.stringContaining('`file`') } },
    { reason: { code: 'SKILL_INVALID', message: expect.stringContaining('`file`') } },
    { reason: { code: 'SKILL_INVALID', message: expect.stringContaining('coordinator') } },
    { reason: { code: 'SKILL_INVALID', message: expect.stringContaining('Step `watch`') } },
  ]);
  expect(promptsOf(stage)).toEqual([]);
});

test('a project’s skill may not run everything unasked, unless the caller says so', async () => {
  await using project = await skillFolder(
    'risky',
    '---\nname: risky\ndescription: Asks for much.\nmetadata:\n  claude-pool-settings: \'{"permissionMode":"bypassPermissions"}\'\n---\n\nDo it.\n',
  );
  await using stage = await fakeWitness(EMPTY, { skills: { project: project.folder } });
  const { pool } = stage;
  const trusted = { permissionMode: 'acceptEdits' } as const;

  const [alone, inChain] = await Promise.allSettled([
    pool.runSkill('risky'),
    pool.runChain([{ name: 'risk', skill: 'risky' }]),
  ]);
  const result = await pool.runSkill('risky', {}, trusted);
  const chain = await pool.runChain([{ name: 'risk', skill: 'risky', options: trusted }]);

  expect(alone).toMatchObject({ reason: { code: 'SKILL_INVALID' } });
  expect(inChain).toMatchObject({ reason: { code: 'SKILL_INVALID' } });
  expect(result.output).toBe('echo: Do it.');
  expect(chain).toMatchObject({ state: 'completed', output: 'echo: Do it.' });
});

test('a skill step has the skill’s settings, the step’s win, and it gets what came before (B14)', async () => {
  await using stage = await fakeWitness(EMPTY, { slots: 1, model: 'claude-haiku-4-5' });
  const { pool } = stage;
  pool.skills.register({ ...EXPLAIN, settings: { model: 'claude-sonnet-5' } });

  await pool.runChain([
    { name: 'find', prompt: 'Find the file.', outputs: { all: '.' } },
    { name: 'one', skill: 'explain', arguments: { file: '{steps.find.all}', reader: 'me' } },
    {
      name: 'two',
      skill: 'explain',
      arguments: { file: 'b.ts', reader: 'you' },
      options: { model: 'claude-opus-4-8' },
    },
  ]);

  expect(stage.prompts().map(({ prompt, model }) => [prompt, model])).toEqual([
    ['Find the file.', 'claude-haiku-4-5'],
    ['Explain echo: Find the file. to me.', 'claude-sonnet-5'],
    [
      'Explain b.ts to you.\n\nOutput of the step before:\necho: Explain echo: Find the file. to me.',
      'claude-opus-4-8',
    ],
  ]);
});

test('what a skill is given is inserted as text and never executed', async () => {
  await using stage = await fakeWitness(EMPTY);
  const { pool } = stage;
  pool.skills.register(EXPLAIN);

  await pool.runSkill('explain', { file: '{reader} $1 !`touch x` {previous_output}', reader: 'me' });

  expect(promptsOf(stage)).toEqual(['Explain {reader} $1 !`touch x` {previous_output} to me.']);
});

test('a skill that is registered, changed or removed at runtime is seen by the next call', async () => {
  await using project = await skillFolder('note', skillText('First.'));
  await using stage = await fakeWitness(EMPTY, { slots: 1, skills: { project: project.folder } });
  const { pool } = stage;

  await pool.runSkill('note');
  await writeFile(path.join(project.folder, 'note', 'SKILL.md'), skillText('Second.'));
  await pool.runSkill('note');
  pool.skills.register({ name: 'note', description: 'Notes.', prompt: 'Third.' });
  await pool.runSkill('note');
  await pool.skills.remove('note');
  await pool.runSkill('note');

  expect(promptsOf(stage)).toEqual(['First.', 'Second.', 'Third.', 'Second.']);
});

test('a pool may leave skills out', async () => {
  const shut: PoolOptions = { skills: { builtin: false, project: false, global: false } };
  await using stage = await fakeWitness(EMPTY, shut);
  await using picky = await fakeWitness(EMPTY, { skills: { global: false, disabled: ['code_review'] } });

  expect(await stage.pool.skills.list()).toEqual([]);
  await expect(picky.pool.runSkill('code-review', 'a.ts')).rejects.toMatchObject({ code: 'SKILL_NOT_FOUND' });
});

test('an aborted call of a skill starts no task', async () => {
  await using stage = await fakeWitness(EMPTY);
  const reason = new Error('never mind');

  const call = stage.pool.runSkill('summarize', 'a.ts', { signal: AbortSignal.abort(reason) });

  await expect(call).rejects.toBe(reason);
  expect(stage.pool.tasks()).toEqual([]);
});

test('on the real CLI a skill’s model, effort, system prompt and tools are what the API is asked with', async () => {
  await using stage = await realWitness(EMPTY, { slots: 1, model: 'claude-haiku-4-5' });
  const { pool } = stage;
  pool.skills.register({
    ...EXPLAIN,
    settings: {
      model: 'claude-sonnet-5',
      appendSystemPrompt: 'Speak as a pirate.',
      tools: ['Read', 'Grep'],
    },
  });

  await pool.runSkill('explain', { file: 'a.ts', reader: 'me' });
  await pool.run('plain');

  const [skill, plain] = ['Explain a.ts to me.', 'plain'].map((prompt) =>
    stage.api.requests.find((request) => request.prompt === prompt),
  );
  expect(skill?.model).toBe('claude-sonnet-5');
  expect(skill?.tools.toSorted((left, right) => left.localeCompare(right))).toEqual(['Grep', 'Read']);
  expect(skill?.system.join('\n')).toContain('Speak as a pirate.');
  expect(plain?.model).toBe('claude-haiku-4-5');
  expect(plain?.tools).toContain('Bash');
  expect(plain?.system.join('\n')).not.toContain('Speak as a pirate.');
});

function promptsOf(stage: FakeWitness): readonly string[] {
  return stage.prompts().map(({ prompt }) => prompt);
}

function skillText(prompt: string): string {
  return `---\nname: note\ndescription: Notes.\n---\n\n${prompt}\n`;
}

async function skillFolder(
  name: string,
  text: string,
): Promise<AsyncDisposable & { readonly folder: string }> {
  const folder = await mkdtemp(path.join(tmpdir(), 'pool-skills-'));
  await mkdir(path.join(folder, name));
  await writeFile(path.join(folder, name, 'SKILL.md'), text);
  return { folder, [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) };
}
