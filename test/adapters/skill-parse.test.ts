import { expect, test } from 'vitest';
import { parseLegacySkill } from '../../src/skills/parse-legacy-skill.ts';
import { parseSkill } from '../../src/skills/parse-skill.ts';
import { toolList } from '../../src/skills/tool-list.ts';

const PLACE = { path: '/home/me/.claude-pool/skills/fix_it/SKILL.md', source: 'global' } as const;

test('a skill in the form of the original is read with its arguments, scope and settings', () => {
  const skill = parse(`---
name: fix_it
description: Fixes it.
argument-hint: "[file] [how]"
allowed-tools: Read, Edit, Bash(git add *)
metadata:
  scope: Coordinator
  arguments:
    - name: file
      description: What to fix.
      required: true
    - name: how
  config:
    model: haiku
    effort: min
    allowed_tools: [Bash]
    max_turns: 5
    system_prompt: null
    permission_mode: accept_edits
    disallowed_tools: [WebFetch]
    tools: Read Edit
    max_budget_usd: 0.5
    json_schema: { type: object }
    theme: dark
---
Fix {file}.
`);

  expect(skill).toEqual({
    name: 'fix_it',
    description: 'Fixes it.',
    prompt: 'Fix {file}.',
    source: 'global',
    scope: 'coordinator',
    arguments: [
      { name: 'file', description: 'What to fix.', required: true },
      { name: 'how', description: '', required: false },
    ],
    argumentHint: '[file] [how]',
    settings: {
      model: 'haiku',
      effort: 'low',
      allowedTools: ['Read', 'Edit', 'Bash(git add *)'],
      maxTurns: 5,
      permissionMode: 'acceptEdits',
      disallowedTools: ['WebFetch'],
      tools: ['Read', 'Edit'],
      maxBudgetUsd: 0.5,
      jsonSchema: { type: 'object' },
    },
    frontMatter: expect.objectContaining({ name: 'fix_it', 'allowed-tools': 'Read, Edit, Bash(git add *)' }),
    path: PLACE.path,
    folder: '/home/me/.claude-pool/skills/fix_it',
  });
});

test('arguments, scope and settings may stand as texts, which the standard asks for', () => {
  const skill = parse(`---
name: fix-it
description: Fixes it.
metadata:
  claude-pool-scope: chain
  claude-pool-arguments: '[{"name":"file","required":true}]'
  claude-pool-settings: '{"permissionMode":"plan","appendSystemPrompt":"Be brief."}'
---
Fix {file}.
`);

  expect([skill.scope, skill.arguments, skill.settings]).toEqual([
    'chain',
    [{ name: 'file', description: '', required: true }],
    { permissionMode: 'plan', appendSystemPrompt: 'Be brief.' },
  ]);
});

test('fields that are not known are kept', () => {
  const { frontMatter } = parse(
    '---\nname: a\ndescription: b\nlicense: MIT\nmetadata:\n  author: me\n  nested: { deep: [1, 2] }\n---\nDo it.\n',
  );

  expect(frontMatter).toEqual({
    name: 'a',
    description: 'b',
    license: 'MIT',
    metadata: { author: 'me', nested: { deep: [1, 2] } },
  });
});

test('a skill without a name has that of its folder', () => {
  expect(parse('---\ndescription: b\n---\nDo it.\n').name).toBe('fix_it');
});

test('an argument hint in bare brackets, which YAML reads as a list, is still a hint', () => {
  expect(parse('---\ndescription: b\nargument-hint: [file]\n---\nDo it.\n').argumentHint).toBe('[file]');
});

test.for([
  ['cps-coordinator-watch', 'coordinator'],
  ['cps-chain-build', 'chain'],
  ['cps-other', 'task'],
])('the name `%s` means the scope `%s` where none is written', ([name, scope]) => {
  expect(parse(`---\nname: ${name}\ndescription: b\n---\nDo it.\n`).scope).toBe(scope);
});

test.for(['js', 'javascript', 'coffee', 'json', 'lua'])(
  'front matter in %s is refused and never run',
  (language) => {
    Reflect.deleteProperty(globalThis, 'wasRun');

    expect(() => parse(`---${language}\n{ name: globalThis.wasRun = 'yes' }\n---\nDo it.\n`)).toThrow(
      expect.objectContaining({
        code: 'SKILL_INVALID',
        message: `${PLACE.path}:1: Expected YAML front matter, got \`${language}\`. Code is never evaluated: write the fields as YAML after \`---\`.`,
      }),
    );
    expect(Reflect.has(globalThis, 'wasRun')).toBe(false);
  },
);

test('B15: front matter stands at the very start of the file, or it is none', () => {
  expect(faultOf('# Title\n\n---\nname: a\ndescription: b\n---\nDo it.\n')).toBe(
    `${PLACE.path}:1: Expected the file to start with front matter between two lines \`---\`.`,
  );
});

test('B15: dashes in a value or in the body do not end the front matter', () => {
  const skill = parse('---\nname: a\ndescription: one --- two\n---\nBefore\n---\nafter.\n');

  expect([skill.description, skill.prompt]).toEqual(['one --- two', 'Before\n---\nafter.']);
});

test('front matter may have a byte order mark before it and carriage returns in it', () => {
  const skill = parse('\uFEFF---\r\nname: a\r\ndescription: b\r\n---\r\nDo it.\r\n');

  expect([skill.name, skill.description, skill.prompt]).toEqual(['a', 'b', 'Do it.']);
});

test.for([
  ['1: Expected a line `---` that closes the front matter, got none.', '---\nname: a\n'],
  ['3: Expected a line `---`, got `----`.', '---\nname: a\n----\nDo it.\n'],
  [
    '2: Expected `name` to be a name of letters, digits, `-` and `_`, at most 64 long, got `"../up"` (string).',
    '---\nname: ../up\ndescription: b\n---\nDo it.\n',
  ],
  ['2: Expected `description` to be a string, got `undefined`.', '---\nname: a\n---\nDo it.\n'],
  [
    '5: Expected `metadata.config.maxTurns` to be greater than 0, got `0` (number).',
    '---\ndescription: b\nmetadata:\n  config:\n    max_turns: 0\n---\nDo it.\n',
  ],
  [
    '6: Expected `metadata.arguments.1.name` to be a string, got `undefined`.',
    '---\ndescription: b\nmetadata:\n  arguments:\n    - name: a\n    - description: b\n---\nDo it.\n',
  ],
  [
    '4: Expected `metadata.claude-pool-arguments` to be an array, got `"[{"` (string).',
    `---\ndescription: b\nmetadata:\n  claude-pool-arguments: '[{'\n---\nDo it.\n`,
  ],
  ['4: Expected YAML, got: Map keys must be unique', '---\nname: a\ndescription: b\nname: c\n---\nDo it.\n'],
  ['1: Expected instructions after the front matter, got none.', '---\ndescription: b\n---\n\n'],
] as const)('a faulty file is refused with its line: %s', ([fault, text]) => {
  expect(faultOf(text)).toBe(`${PLACE.path}:${fault}`);
});

test('the same text is read twice without one reading changing the other', () => {
  const text = '---\ndescription: b\nmetadata: { list: [1] }\n---\nDo it.\n';

  expect(parse(text).frontMatter).not.toBe(parse(text).frontMatter);
});

test('a skill of the old form, one JSON file, is read', () => {
  const text = JSON.stringify({
    name: 'old',
    description: 'Old.',
    prompt: 'Do {it}.',
    arguments: [{ name: 'it', description: 'What.', required: true }],
    config: { model: 'opus', max_turns: null },
  });

  expect(parseLegacySkill(text, { path: '/skills/old.json', source: 'project' })).toEqual({
    name: 'old',
    description: 'Old.',
    prompt: 'Do {it}.',
    source: 'project',
    scope: 'task',
    arguments: [{ name: 'it', description: 'What.', required: true }],
    settings: { model: 'opus' },
    frontMatter: expect.objectContaining({ name: 'old' }),
    path: '/skills/old.json',
  });
});

test('a fault in a file of the old form is told with its line', () => {
  const text = '{\n  "prompt": "Do it.",\n  "description": "b",\n  "config": {\n    "effort": "huge"\n  }\n}';

  expect(() => parseLegacySkill(text, { path: 'old.json', source: 'project' })).toThrow(
    'old.json:5: Expected `metadata.config.effort` to be one of',
  );
});

test('tools are told apart by commas or spaces, but not within brackets', () => {
  expect(toolList('Read,Grep  Bash(git log *), Bash(a, b)')).toEqual([
    'Read',
    'Grep',
    'Bash(git log *)',
    'Bash(a, b)',
  ]);
});

function parse(text: string) {
  return parseSkill(text, PLACE);
}

function faultOf(text: string): string {
  try {
    parse(text);
  } catch (error) {
    if (error instanceof Error) return error.message;
  }
  return 'no fault';
}
