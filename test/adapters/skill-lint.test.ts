import { expect, test } from 'vitest';
import { lintSkill } from '../../src/skills/lint-skill.ts';

test('a skill in the form of the standard has no faults', () => {
  const text = `---
name: fix-it
description: Fixes it.
license: MIT
compatibility: Needs git.
allowed-tools: Read Bash(git add, git commit)
metadata:
  author: me
  claude-pool-arguments: '[{"name":"file"}]'
---
Fix {file}.
`;

  expect(lintSkill(text, { path: 'skills/fix-it/SKILL.md' })).toEqual([]);
});

test('each breach of the standard is told with its line', () => {
  const text = `---
name: Fix_it
description: ${'x'.repeat(1025)}
license: [MIT]
compatibility: ${'x'.repeat(501)}
allowed-tools: Read, Grep
argument-hint: "[file]"
metadata:
  scope: task
  arguments:
    - name: file
---
Fix {file}.
`;

  const faults = lintSkill(text, { path: 'skills/fix-it/SKILL.md' });

  expect(
    faults.map(({ line, rule, message, severity }) => `${line} ${severity} ${rule}: ${message}`),
  ).toEqual([
    '2 error name: Expected `name` to be 1 to 64 of a-z, 0-9 and single inner hyphens, got `Fix_it`.',
    "2 error name-folder: Expected `name` to be its folder's, `fix-it`, got `Fix_it`.",
    '3 error description: Expected `description` to be text of 1 to 1024 characters.',
    '4 error license: Expected `license` to be text.',
    '5 error compatibility: Expected `compatibility` to be text of 1 to 500 characters.',
    '6 error allowed-tools: Expected `allowed-tools` to be text with spaces between the tools.',
    '7 error unknown-field: Expected only fields of the standard, got `argument-hint`: `metadata` may hold it.',
    '10 error metadata: Expected `metadata.arguments` to be text. Write it as JSON text in `claude-pool-arguments`.',
  ]);
});

test.for(['-a', 'a-', 'a--b', 'A', 'a_b', 'a.b', 'x'.repeat(65)])(
  'the name `%s` breaks the standard',
  (name) => {
    const faults = lintSkill(`---\nname: ${name}\ndescription: b\n---\nDo it.\n`, {
      path: `${name}/SKILL.md`,
    });

    expect(faults.map(({ rule }) => rule)).toEqual(['name']);
  },
);

test('front matter that cannot be read is one fault, at its line', () => {
  expect(lintSkill('---\nname: a\nname: b\n---\nDo it.\n', { path: 'a/SKILL.md' })).toEqual([
    {
      path: 'a/SKILL.md',
      line: 3,
      rule: 'front-matter',
      message: 'Expected YAML, got: Map keys must be unique',
      severity: 'error',
    },
  ]);
});

test('instructions longer than is advised are a warning', () => {
  const text = `---\nname: a\ndescription: b\n---\n${'Do it.\n'.repeat(600)}`;

  expect(lintSkill(text, { path: 'a/SKILL.md' })).toEqual([
    expect.objectContaining({ rule: 'body', severity: 'warning' }),
  ]);
});
