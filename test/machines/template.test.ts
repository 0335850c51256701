import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { outputValues } from '../../machines/output-values.ts';
import { nameOf, parseTemplate, referencesOf, renderTemplate } from '../../machines/template.ts';

const NAMES = ['previous_output', 'error', 'steps.plan.output', 'steps.plan.files'] as const;

test('a template refers to earlier output, to the error, and to values of steps', () => {
  const template = parseTemplate(
    'Do {previous_output}, {error}, {steps.plan.output} and {steps.plan.files}.',
  );

  expect(template).toEqual([
    'Do ',
    { ref: 'previous_output' },
    ', ',
    { ref: 'error' },
    ', ',
    { ref: 'step', step: 'plan', value: 'output' },
    ' and ',
    { ref: 'step', step: 'plan', value: 'files' },
    '.',
  ]);
});

test('braces that hold anything else stay text', () => {
  const text = 'if (a) { return {"b": {}} } // {steps} {steps.a} {steps.a.b.c} {Error} {}';

  expect(parseTemplate(text)).toEqual([text]);
  expect(renderTemplate(parseTemplate(text), {})).toEqual({ text });
});

test('a value that is missing is named, also when its name is one that every object has', () => {
  const missing = renderTemplate(parseTemplate('{previous_output}{steps.plan.files}'), {
    previous_output: 'a',
  });
  const inherited = renderTemplate(
    [{ ref: 'step', step: 'a', value: 'b' }],
    Object.create({ 'steps.a.b': 'x' }),
  );

  expect(missing).toEqual({ missing: 'steps.plan.files' });
  expect(inherited).toEqual({ missing: 'steps.a.b' });
});

test('earlier output with an intro is left out with it when there is none', () => {
  const template = ['Go on.', { ref: 'previous_output', intro: '\n\nSo far:\n' }] as const;

  expect(renderTemplate(template, {})).toEqual({ text: 'Go on.' });
  expect(renderTemplate(template, { previous_output: 'two' })).toEqual({ text: 'Go on.\n\nSo far:\ntwo' });
});

test('a value is inserted as it is and never expanded again', () => {
  const piece = fc.oneof(
    fc.string(),
    fc.constantFrom(...NAMES.map((name) => `{${name}}`), '{', '}', '$&', '$1'),
  );
  const text = fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join(''));

  fc.assert(
    fc.property(text, fc.tuple(text, text, text, text), (source, values) => {
      const template = parseTemplate(source);
      const given = Object.fromEntries(NAMES.map((name, index) => [name, values[index] ?? '']));

      const expected = template
        .map((part) => (typeof part === 'string' ? part : given[nameOf(part)]))
        .join('');
      expect(renderTemplate(template, given)).toEqual({ text: expected });
    }),
  );
});

test('a template rendered with its own references is the text that it was parsed from', () => {
  const piece = fc.oneof(fc.string(), fc.constantFrom(...NAMES.map((name) => `{${name}}`), '{', '}'));

  fc.assert(
    fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
      const text = pieces.join('');
      const template = parseTemplate(text);
      const itself = referencesOf(template).map((reference) => [nameOf(reference), `{${nameOf(reference)}}`]);

      expect(renderTemplate(template, Object.fromEntries(itself))).toEqual({ text });
    }),
  );
});

test('values are taken from structured output by path, strings as they are, others as JSON', () => {
  const structuredOutput = { plan: { files: ['a.ts', { name: 'b.ts' }], risky: false }, 'odd-key': null };
  const paths = {
    first: 'plan.files[0]',
    second: 'plan.files[1].name',
    files: 'plan.files',
    risky: 'plan.risky',
    odd: 'odd-key',
    all: '.',
  };

  expect(outputValues(paths, { output: 'ignored', structuredOutput })).toEqual({
    first: 'a.ts',
    second: 'b.ts',
    files: '["a.ts",{"name":"b.ts"}]',
    risky: 'false',
    odd: 'null',
    all: JSON.stringify(structuredOutput),
  });
});

test('values are taken from text that is JSON, also between fences', () => {
  const fenced = '```json\n[{"id": 7}]\n```\n';

  expect(outputValues({ id: '[0].id' }, { output: '[{"id": 7}]' })).toEqual({ id: '7' });
  expect(outputValues({ id: '[0].id' }, { output: fenced })).toEqual({ id: '7' });
});

test('a value that an answer does not hold is left out', () => {
  const paths = { length: 'files.length', proto: '__proto__', beyond: 'files[3]', all: '.' };

  expect(outputValues(paths, { output: '{"files": ["a"]}' })).toEqual({ all: '{"files":["a"]}' });
  expect(outputValues(paths, { output: 'Just prose.' })).toEqual({ all: 'Just prose.' });
});
