import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { renderPieces } from '../../src/skills/render-pieces.ts';
import { renderSkill } from '../../src/skills/render-skill.ts';
import { checkRunsInSlot, runsInSlot } from '../../src/skills/skill-scope.ts';
import type { Skill, SkillArgument } from '../../src/skills/skill.ts';

test('arguments are put in by name, by position, one by one and all together', () => {
  const skill = skillWith('{file} $0 $ARGUMENTS[1] {how} [$ARGUMENTS]', ['file', 'how']);

  expect(renderSkill(skill, { how: 'fast', file: 'a.ts' })).toBe('a.ts a.ts fast fast [a.ts fast]');
});

test('B15: `$10` is not `$1` followed by 0', () => {
  const letters = 'abcdefghijk'.split('');

  expect(renderSkill(skillWith('$1 $10 $1.', letters), letters)).toBe('b k b.');
});

test('B15: an optional argument that is missing shifts no position', () => {
  const skill = skillWith('0=$0 1=$1 2=$ARGUMENTS[2] b={b} all=$ARGUMENTS', ['a', 'b', 'c']);

  expect(renderSkill(skill, { c: 'third', a: 'first' })).toBe('0=first 1= 2=third b= all=first third');
});

test('B15: what is put in is never expanded again, in whatever order the arguments come', () => {
  const skill = skillWith('{a}|{b}|$0|$ARGUMENTS', ['a', 'b']);
  const values = { b: '{a} $0 $ARGUMENTS ${CLAUDE_SKILL_DIR}', a: '{b} $1' };

  expect(renderSkill(skill, values)).toBe(
    '{b} $1|{a} $0 $ARGUMENTS ${CLAUDE_SKILL_DIR}|{b} $1|{b} $1 {a} $0 $ARGUMENTS ${CLAUDE_SKILL_DIR}',
  );
});

test('a command in a skill, or in an argument, stays text', () => {
  expect(renderSkill(skillWith('Now: !`touch /tmp/x` {a}', ['a']), { a: '!`id` $(id)' })).toBe(
    'Now: !`touch /tmp/x` !`id` $(id)',
  );
});

test('braces, dollars and shell variables that are no arguments stay as they are', () => {
  const text =
    'json {"a": {b}} ${HOME} ${a} $HOME $5 $1.50 $10k $007 $ARGUMENTSX {not an arg} {constructor} {a}';

  expect(renderSkill(skillWith(text, ['a', 'z']), { a: 'A' })).toBe(text.replace(/\{a\}$/, 'A'));
});

test('an argument that is not declared is put in by its name', () => {
  expect(renderSkill(skillWith('{a} {__proto__} {extra}', ['a']), { a: 1, extra: true })).toBe(
    '1 {__proto__} true',
  );
});

test('one text is the one argument, whatever it holds', () => {
  expect(renderSkill(skillWith('Review {target}.', ['target']), 'the "new" parts of a b')).toBe(
    'Review the "new" parts of a b.',
  );
});

test('one text is cut into words for several arguments, and the last takes the rest', () => {
  const skill = skillWith('{file}|{goal}', ['file', 'goal']);

  expect(renderSkill(skill, '"my file.ts"  make it "much" shorter')).toBe(
    'my file.ts|make it "much" shorter',
  );
});

test('one text is cut into as many words as the skill has positions', () => {
  expect(renderSkill(skillWith('$1|$0|$2', []), "one 'and two'")).toBe('and two|one|$2');
});

test('arguments for a skill without a place for them are added at its end', () => {
  expect(renderSkill(skillWith('Do it for $5 {x}.', ['a']), ['one', 'two'])).toBe(
    'Do it for $5 {x}.\n\nARGUMENTS: one two',
  );
  expect(renderSkill(skillWith('Do it.', ['a']))).toBe('Do it.');
});

test('required arguments that are missing are all named, and so are the declared ones', () => {
  const skill = skillWith('{a} {b} {c}', ['a!', 'b!', 'c']);

  expect(() => renderSkill(skill, { c: '1' })).toThrow(
    expect.objectContaining({
      code: 'SKILL_INVALID',
      message:
        'Expected the skill `fix` to be given `a`, `b`. It declares `a` (required), `b` (required), `c`.',
    }),
  );
});

test('arguments of another kind are refused', () => {
  expect(() => renderSkill(skillWith('{a}', ['a']), Object({ a: { deep: 1 } }))).toThrow(
    expect.objectContaining({ code: 'INVALID_OPTIONS' }),
  );
});

test('`${CLAUDE_SKILL_DIR}` is the folder of a project or global skill', () => {
  const skill = { ...skillWith('Run ${CLAUDE_SKILL_DIR}/scripts/{a}.', ['a']), folder: '/s/$0 {a}' };

  expect(renderSkill(skill, { a: 'x.sh' })).toBe('Run /s/$0 {a}/scripts/x.sh.');
});

test('`${CLAUDE_SKILL_DIR}` in a skill without a folder of its own is refused', () => {
  expect(() => renderSkill(skillWith('Run ${CLAUDE_SKILL_DIR}/x.', []))).toThrow(
    expect.objectContaining({
      code: 'SKILL_INVALID',
      message:
        'Expected `${CLAUDE_SKILL_DIR}` in a project or global skill only, got it in the runtime skill `fix`. ' +
        'Save or eject the skill, or write the path out.',
    }),
  );
});

test('pieces of any kind are put in as they are, for a chain to resolve later', () => {
  const skill = skillWith('Fix {file}: {error}!', ['file', 'error']);
  const reference = { step: 'plan', value: 'file' };

  const pieces = renderPieces<string | typeof reference>(
    skill,
    { file: ['src/', reference], error: ['{file}'] },
    (literal) => literal,
  );

  expect(pieces).toEqual(['Fix ', 'src/', reference, ': ', '{file}', '!']);
});

test('inserted text appears verbatim and is never expanded', () => {
  const part = fc.constantFrom(
    '{a}',
    '{b}',
    '$0',
    '$1',
    '$10',
    '$ARGUMENTS',
    '$ARGUMENTS[1]',
    ' ',
    '!`id`',
    '{x}',
    '\n',
  );
  const text = fc.oneof(
    fc.string(),
    fc.array(part).map((parts) => parts.join('')),
  );
  const places = {
    '{a}': ['a'],
    $0: ['a'],
    '{b}': ['b'],
    $1: ['b'],
    '$ARGUMENTS[1]': ['b'],
    $ARGUMENTS: ['a', 'b'],
  };
  const template = fc.array(fc.constantFrom(...Object.keys(places), ' - ', '{x}', '"'), { minLength: 1 });

  fc.assert(
    fc.property(template, text, text, (parts, a, b) => {
      const values = { a, b };
      const prompt = ['{a}', ...parts].join(' ');
      const expected = ['{a}', ...parts].map((written) => valueAt(written, values)).join(' ');

      expect(renderSkill(skillWith(prompt, ['a', 'b']), values)).toBe(expected);
    }),
  );

  function valueAt(written: string, values: { readonly a: string; readonly b: string }): string {
    const names = Object.entries(places).find(([place]) => place === written)?.[1];
    return names === undefined
      ? written
      : names.map((name) => (name === 'a' ? values.a : values.b)).join(' ');
  }
});

test('B23: a skill of the coordinator is refused by a slot', () => {
  const skill = { name: 'watch', scope: 'coordinator' } as const;

  expect([runsInSlot(skill), runsInSlot({ scope: 'task' }), runsInSlot({ scope: 'chain' })]).toEqual([
    false,
    true,
    true,
  ]);
  expect(() => checkRunsInSlot(skill)).toThrow(
    expect.objectContaining({
      code: 'SKILL_INVALID',
      message:
        'Expected a skill of scope `task` or `chain`, got `watch` of scope `coordinator`. ' +
        'A slot has no tools of the pool: give its text to the session that coordinates the pool.',
    }),
  );
});

function skillWith(prompt: string, names: readonly string[]): Skill {
  return {
    name: 'fix',
    description: 'Fixes.',
    prompt,
    source: 'runtime',
    scope: 'task',
    arguments: names.map(argumentOf),
    settings: {},
    frontMatter: {},
  };
}

function argumentOf(name: string): SkillArgument {
  return { name: name.replace('!', ''), description: '', required: name.endsWith('!') };
}
