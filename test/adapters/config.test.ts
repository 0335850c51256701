import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Command } from 'commander';
import { configJsonSchema, loadConfig } from 'claude-pool';
import { expect, test } from 'vitest';
import { configSchema } from '../../src/config/config-schema.ts';
import { variables } from '../../src/config/environment-config.ts';
import { SETTINGS } from '../../src/cli/settings/settings.ts';
import type { Setting } from '../../src/cli/settings/settings.ts';
import { withSettings } from '../../src/cli/settings/with-settings.ts';

test('flags win over the environment, that over the repository, and that over the user', async () => {
  await using place = await folders({
    'home/.claude-pool/config.yaml': 'model: haiku\nslots: 1\nretries: 1\nbudgetUsd: 1\nmcp: { tools: all }',
    'work/.claude-pool/config.json': '{ "slots": 2, "retries": 2, "budgetUsd": 2, "mcp": { "http": true } }',
  });

  const { config, files } = await loadConfig({
    folder: place.work,
    home: place.home,
    env: { CLAUDE_POOL_RETRIES: '3', CLAUDE_POOL_BUDGET_USD: '3', CLAUDE_POOL_EFFORT: '' },
    over: { budgetUsd: 4 },
  });

  expect(config).toEqual({
    model: 'haiku',
    slots: 2,
    retries: 3,
    budgetUsd: 4,
    mcp: { tools: 'all', http: true },
  });
  expect(files).toEqual([
    path.join(place.work, '.claude-pool/config.json'),
    path.join(place.home, '.claude-pool/config.yaml'),
  ]);
});

test('every fault of a file is told with its line, its column and its key', async () => {
  await using place = await folders({
    'work/.claude-pool/config.yaml': '# ours\nmodle: opus\nslots: 0\nmcp:\n  port: high\n  tool: all\n',
  });

  const loading = loadConfig({ folder: place.work, home: place.home });

  const file = path.join(place.work, '.claude-pool/config.yaml');
  await expect(loading).rejects.toMatchObject({
    code: 'INVALID_OPTIONS',
    message: [
      `${file}:2:1: Expected only known options, got \`modle\`.`,
      `${file}:3:8: Expected \`slots\` to be greater than 0, got \`0\` (number).`,
      `${file}:5:9: Expected \`mcp.port\` to be a number, got \`"high"\` (string).`,
      `${file}:6:3: Expected only known options, got \`mcp.tool\`.`,
    ].join('\n'),
  });
});

for (const [text, told] of [
  ['slots: [', ':1:'],
  ['- slots', 'Expected `options` to be an object'],
  ['slots: 4\nslots: 5', 'Map keys must be unique'],
] as const) {
  test(`the file ${JSON.stringify(text)} is refused`, async () => {
    await using place = await folders({ 'work/.claude-pool/config.yaml': text });

    const loading = loadConfig({ folder: place.work, home: place.home });

    await expect(loading).rejects.toThrow(told);
  });
}

test('a file that holds comments only, or `$schema`, sets nothing', async () => {
  await using place = await folders({
    'home/.claude-pool/config.json': '{ "$schema": "./schema.json" }',
    'work/.claude-pool/config.yaml': '# slots: 4\n',
  });

  expect((await loadConfig({ folder: place.work, home: place.home })).config).toEqual({});
});

test('paths are relative to where they are written; a bare program is looked up on the PATH', async () => {
  await using place = await folders({
    'home/.claude-pool/config.yaml': 'claude: { command: claude }\nmcp: { tokenFile: token }',
    'work/.claude-pool/config.yaml':
      'stateDir: .claude-pool/state\nskills: { project: false, global: ../ours }',
  });

  const { config } = await loadConfig({
    folder: place.work,
    home: place.home,
    env: { CLAUDE_POOL_CLAUDE_CWD: 'here' },
  });

  expect(config).toEqual({
    stateDir: path.join(place.work, '.claude-pool/state'),
    skills: { project: false, global: path.resolve(place.work, '../ours') },
    claude: { command: 'claude', cwd: path.resolve('here') },
    mcp: { tokenFile: path.join(place.home, 'token') },
  });
});

test('the configuration is looked for upwards, as far as the repository goes', async () => {
  await using place = await folders({
    '.claude-pool/config.yaml': 'slots: 9',
    'work/.git': 'gitdir: elsewhere',
    'work/deep/deeper/file': '',
    'work/inner/.claude-pool/config.yaml': 'slots: 3',
  });
  const found = (folder: string) => loadConfig({ folder: path.join(place.work, folder), home: place.home });

  expect(await found('deep/deeper')).toEqual({ config: {}, root: place.work, files: [] });
  expect(await found('inner')).toMatchObject({ config: { slots: 3 }, root: path.join(place.work, 'inner') });
});

test('two configurations in one folder are refused', async () => {
  await using place = await folders({
    'work/.claude-pool/config.json': '{}',
    'work/.claude-pool/config.yaml': '',
  });

  const loading = loadConfig({ folder: place.work, home: place.home });

  await expect(loading).rejects.toThrow('got config.json and config.yaml. Keep one of them.');
});

test('variables are read by the type of their key', async () => {
  const env = {
    CLAUDE_POOL_SLOTS: '[{ "name": "ann" }]',
    CLAUDE_POOL_MODEL: '4',
    CLAUDE_POOL_SESSION: 'fresh',
    CLAUDE_POOL_ALLOWED_TOOLS: 'Read, Bash(git log:*)',
    CLAUDE_POOL_SKILLS_PROJECT: 'false',
    CLAUDE_POOL_MCP_MAX_WAIT_MS: '0',
    CLAUDE_POOL_NONSENSE: 'x',
  };

  const { config } = await loadConfig({ folder: tmpdir(), home: tmpdir(), env });
  const wrong = loadConfig({ folder: tmpdir(), home: tmpdir(), env: { CLAUDE_POOL_BUDGET_USD: 'much' } });

  expect(config).toEqual({
    slots: [{ name: 'ann' }],
    model: '4',
    session: 'fresh',
    allowedTools: ['Read', 'Bash(git log:*)'],
    skills: { project: false },
    mcp: { maxWaitMs: 0 },
  });
  await expect(wrong).rejects.toThrow(
    'Expected `CLAUDE_POOL_BUDGET_USD` to be a number, got `"much"` (string).',
  );
});

test('every flag sets a key that the schema knows, and offers what the schema takes', () => {
  const known = new Map([...variables().values()].map(({ path: keys, schema }) => [keys.join('.'), schema]));
  const settings: readonly Setting[] = Object.values(SETTINGS);
  const takes = (key: string, value: string): boolean => known.get(key)?.safeParse(value).success === true;

  const offers = settings.flatMap(({ key, choices = [] }) => choices.map((choice) => [key, choice] as const));
  expect(settings.filter(({ key }) => !known.has(key))).toEqual([]);
  expect(offers.filter(([key, choice]) => !takes(key, choice))).toEqual([]);
  expect(offers.filter(([key]) => takes(key, 'nonsense'))).toEqual([]);
});

test('flags with the same key of different commands do not mix', () => {
  const command = withSettings(new Command('x'), ['mcpTools', 'slotTools']);

  expect(command.options.map(({ flags, description }) => `${flags}: ${description}`)).toEqual([
    '--tools <choice>: tools to offer (default: core)',
    '--slot-tools <names>: the only built-in tools of claude; "" for none',
  ]);
});

test('the published schema is the one that is checked with; `UPDATE_DOCS=1` writes it anew', async () => {
  const file = new URL('../../docs/config.schema.json', import.meta.url);
  if (process.env['UPDATE_DOCS'] === '1') await writeFile(file, JSON.stringify(configJsonSchema()));
  const published = await readFile(file, 'utf8');

  expect(JSON.parse(published)).toEqual(configJsonSchema());
  expect(Object.keys(configSchema.shape).filter((key) => !published.includes(`"${key}"`))).toEqual([]);
  expect(published).not.toContain('"description": ""');
});

async function folders(files: Readonly<Record<string, string>>) {
  const root = await mkdtemp(path.join(tmpdir(), 'config-'));
  const [home, work] = [path.join(root, 'home'), path.join(root, 'work')];
  await Promise.all([home, work].map((folder) => mkdir(folder, { recursive: true })));
  for (const [name, text] of Object.entries(files)) {
    await mkdir(path.dirname(path.join(root, name)), { recursive: true });
    await writeFile(path.join(root, name), text);
  }
  return {
    home,
    work,
    [Symbol.asyncDispose]: () => rm(root, { recursive: true, force: true }),
  };
}
