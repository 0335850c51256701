import { readFile } from 'node:fs/promises';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { renderTemplate } from '../../machines/template.ts';
import type { Template } from '../../machines/template.ts';
import { chainJsonSchema } from '../../src/chains/chain-json-schema.ts';
import type { ChainPartForm } from '../../src/chains/chain-form.ts';
import { instantiateChain } from '../../src/chains/instantiate-chain.ts';
import type { ChainParts } from '../../src/chains/instantiate-chain.ts';
import { parseChain } from '../../src/chains/parse-chain.ts';
import { parseChainFile } from '../../src/chains/parse-chain-file.ts';
import { PoolError } from '../../src/errors.ts';

const PATH = 'chains/release.yaml';

const RELEASE = `name: release
description: Plans, builds and ships.
arguments:
  - { name: version, required: true }
  - name: note
steps:
  - name: plan
    prompt: Plan {version}. {note} Keep {braces}.
    outputs: { risky: risk.level, files: 'files[0]' }
    options: { model: opus }
  - parallel:
      - name: code
        prompt: Code {steps.plan.files}.
        retries: 2
        recoveryPrompt: 'Mend {error} in {version}.'
      - name: docs
        skill: write_docs
        arguments: { target: 'v{version} {previous_output}', depth: 2 }
  - name: ship
    skill: ship
    when: { value: '{steps.plan.risky}', notEquals: high }
options:
  onFailure: continue
  maxBudgetUsd: 1.5
  tags: [release]
`;

test('a chain file becomes the steps of a chain, with its arguments in them', () => {
  const chain = parseChainFile(RELEASE, { path: PATH });

  const instance = instantiateChain(chain, { ...parts, arguments: { version: '1.0 {error}' } });

  expect(instance).toEqual({
    steps: [
      {
        name: 'plan',
        prompt: ['Plan ', '1.0 {error}', '. ', '', ' Keep {braces}.'],
        retries: 0,
        outputs: { risky: 'risk.level', files: 'files[0]' },
        options: { tags: ['model=opus'] },
      },
      {
        parallel: [
          {
            name: 'code',
            prompt: ['Code ', { ref: 'step', step: 'plan', value: 'files' }, '.'],
            retries: 2,
            recoveryPrompt: ['Mend ', { ref: 'error' }, ' in ', '1.0 {error}', '.'],
            options: { tags: [] },
          },
          {
            name: 'docs',
            prompt: ['write_docs', 'v', '1.0 {error}', ' ', { ref: 'previous_output' }, '2'],
            retries: 0,
            options: { tags: ['effort=low'] },
          },
        ],
      },
      {
        name: 'ship',
        prompt: ['ship', { ref: 'previous_output', intro: '\n\nOutput of the step before:\n' }],
        retries: 0,
        when: { value: [{ ref: 'step', step: 'plan', value: 'risky' }], notEquals: 'high' },
        options: { tags: ['effort=low'] },
      },
    ],
    options: { onFailure: 'continue', session: 'chain', capMicros: 1_500_000, tags: ['release'] },
  });
});

test('a cap that is less than can be counted is no cap of nothing', () => {
  const chain = parseChainFile(RELEASE.replace('1.5', '0.0000001'), { path: PATH });

  const { options } = instantiateChain(chain, { ...parts, arguments: { version: 1 } });

  expect(options.capMicros).toBe(1);
});

test('the chain file in the documentation is a chain', async () => {
  const page = await readFile(new URL('../../docs/chains.md', import.meta.url), 'utf8');
  const text = /```yaml\n(.*?)```/s.exec(page)?.[1] ?? '';

  const chain = parseChainFile(text, { path: 'docs/chains.md' });

  expect(instantiateChain(chain, { ...parts, arguments: { issue: 12 } }).steps).toHaveLength(3);
});

test('a chain written as JSON is the same chain', () => {
  const yaml = parseChainFile(RELEASE, { path: PATH });

  const json = parseChainFile(JSON.stringify(yaml, null, '\t'), { path: 'release.json' });

  expect(json).toEqual(yaml);
});

test('a chain of a program needs no name, and goes by the defaults', () => {
  expect(parseChain({ steps: [{ name: 'plan', prompt: 'Plan.' }] })).toEqual({
    steps: [{ name: 'plan', prompt: 'Plan.', retries: 0 }],
    options: { onFailure: 'abort', session: 'chain' },
  });
});

test('the settings of a skill apply to its step, and those of the step win', () => {
  const steps = [{ name: 'a', skill: 'ship', options: { effort: 'high' } }];

  const { steps: compiled } = instantiateChain(parseChain({ steps }), parts);

  expect(compiled).toEqual([{ name: 'a', prompt: ['ship'], retries: 0, options: { tags: ['effort=high'] } }]);
});

test('the output of the step before is piped into a skill that does not ask for any (B14)', () => {
  const steps = [
    { name: 'review', skill: 'code_review' },
    { name: 'fix', skill: 'fix' },
  ];

  const [, fix] = instantiateChain(parseChain({ steps }), parts).steps;

  expect(
    fix && 'prompt' in fix && renderTemplate(fix.prompt, { previous_output: 'Line 3 {error}.' }),
  ).toEqual({
    text: 'fix\n\nOutput of the step before:\nLine 3 {error}.',
  });
});

test('an argument is inserted as text and never expanded again', () => {
  const piece = fc.oneof(
    fc.string(),
    fc.constantFrom('{other}', '{previous_output}', '{steps.a.output}', '{', '}'),
  );
  const text = fc.array(piece, { maxLength: 6 }).map((pieces) => pieces.join(''));

  fc.assert(
    fc.property(text, text, (argument, other) => {
      const chain = parseChainFile(
        JSON.stringify({
          name: 'c',
          arguments: [{ name: 'argument' }, { name: 'other' }],
          steps: [{ name: 'a', prompt: '<{argument}|{other}|{steps}>' }],
        }),
        { path: PATH },
      );

      const [step] = instantiateChain(chain, { ...parts, arguments: { argument, other } }).steps;

      expect(step && 'prompt' in step && renderTemplate(step.prompt, {})).toEqual({
        text: `<${argument}|${other}|{steps}>`,
      });
    }),
  );
});

test('an argument that is required, or not known, is named', () => {
  const chain = parseChainFile(RELEASE, { path: PATH });

  const missing = faultOf(() => instantiateChain(chain, { ...parts, arguments: { note: 'x' } }));
  const unknown = faultOf(() => instantiateChain(chain, { ...parts, arguments: { version: 1, speed: 2 } }));

  expect([missing, unknown]).toEqual([
    'INVALID_OPTIONS: Expected the chain `release` to be given `version`, got `note`.',
    'INVALID_OPTIONS: Expected the chain `release` to be given only `version`, `note`, got `speed`.',
  ]);
});

test('a fault in the options or the skill of a step names the step', () => {
  const chain = parseChain({ steps: [{ name: 'plan', prompt: 'Plan.', options: { colour: 'red' } }] });

  const fault = faultOf(() => instantiateChain(chain, { ...parts, parseOptions: refuse }));

  expect(fault).toBe('INVALID_OPTIONS: Step `plan`: Expected only known options, got `colour`.');
});

test.each([
  ['a step that is no map', '- 7', '2:5', 'an object'],
  ['an unknown field', '- name: a\n    prompt: b\n    retires: 2', '4:5', 'got `steps.0.retires`'],
  ['a field of the wrong kind', '- name: a\n    prompt: b\n    retries: often', '4:14', 'a number'],
  ['no prompt', '- name: a', '2:5', 'either `prompt` or `skill`'],
  ['a prompt and a skill', '- name: a\n    prompt: b\n    skill: c', '2:5', 'either `prompt` or `skill`'],
  ['arguments of a prompt', '- name: a\n    prompt: b\n    arguments: {x: y}', '4:16', 'left out'],
  ['two names alike', '- {name: a, prompt: b}\n  - {name: a, prompt: b}', '3:12', 'no other step has'],
  [
    'names alike in a group',
    '- parallel: [{name: a, prompt: b}, {name: a, prompt: b}]',
    '2:45',
    'no other step',
  ],
  ['an unknown step', '- name: a\n    prompt: "{steps.z.output}"', '3:13', '`z` is none'],
  [
    'a later step',
    '- name: a\n    prompt: "{steps.z.output}"\n  - {name: z, prompt: b}',
    '3:13',
    '`z` is none',
  ],
  [
    'a step of the same group',
    '- parallel: [{name: a, prompt: b}, {name: c, prompt: "{steps.a.output}"}]',
    '2:56',
    '`a` is none',
  ],
  [
    'a value that the step does not name',
    '- {name: a, prompt: b, outputs: {x: y}}\n  - {name: c, prompt: "{steps.a.z}"}',
    '3:23',
    '`a` (output, x), and `z` is none',
  ],
  [
    'earlier output in the first step',
    '- {name: a, prompt: "{previous_output}"}',
    '2:23',
    'no step comes before',
  ],
  [
    'an error outside of a recovery',
    '- {name: a, prompt: "{error}"}',
    '2:23',
    'only `recoveryPrompt` may hold',
  ],
  ['a condition of nothing', '- {name: a, prompt: b, when: {value: c}}', '2:32', '`equals` or `notEquals`'],
  ['a path that is none', '- {name: a, prompt: b, outputs: {x: "a[b"}}', '2:39', 'a path such as'],
  ['an output named output', '- {name: a, prompt: b, outputs: {output: x}}', '2:44', 'not `output`'],
  ['a name with a dot', '- {name: a.b, prompt: b}', '2:12', 'without dots'],
  ['a group of none', '- parallel: []', '2:15', 'a list that is not empty'],
  ['broken YAML', '- {name: a', '3:1', 'Expected YAML or JSON'],
])('a chain file with %s is refused with the position of the fault', (_, ...[steps, position, words]) => {
  const fault = faultOf(() => parseChainFile(`steps:\n  ${steps}\nname: x\n`, { path: PATH }));

  expect(fault).toContain(`INVALID_OPTIONS: ${PATH}:${position}: `);
  expect(fault).toContain(words);
});

test('a file whose aliases grow without bound is refused', () => {
  const levels = Array.from(
    { length: 9 },
    (_, level) => `a${level + 1}: &a${level + 1} [${'*a0, '.replace('0', String(level)).repeat(9)}]`,
  );

  const fault = faultOf(() => parseChainFile(`a0: &a0 [x]\n${levels.join('\n')}\n`, { path: PATH }));

  expect(fault).toContain('at most 100 uses of aliases');
});

test('a chain of a program is refused with the names of all its faults', () => {
  const steps: readonly ChainPartForm[] = [{ name: 'a' }, { name: 'a', prompt: '{steps.b.output}' }];

  const fault = faultOf(() => parseChain({ steps }));

  expect(fault).toContain('`steps.0` to be a step with either `prompt` or `skill`');
  expect(fault).toContain('`steps.1.name` to be a name that no other step has');
  expect(fault).toContain('`steps.1.prompt` to be a text that refers to earlier steps only');
});

test('the JSON Schema of chain files knows steps and groups, and refuses other fields', () => {
  const schema = chainJsonSchema();

  expect(schema).toMatchObject({
    type: 'object',
    required: ['name', 'steps'],
    additionalProperties: false,
    properties: {
      steps: {
        type: 'array',
        minItems: 1,
        items: {
          anyOf: [
            {
              required: ['name'],
              additionalProperties: false,
              properties: { retries: { minimum: 0, default: 0 } },
            },
            { required: ['parallel'], additionalProperties: false },
          ],
        },
      },
    },
  });
});

/** A skill's prompt is its name and the values of its arguments; an option becomes a tag. */
const parts: ChainParts = {
  parseOptions: (options) => ({
    tags: Object.entries(options).map(([key, value]) => `${key}=${String(value)}`),
  }),
  compileSkill: (name, args: Readonly<Record<string, Template>>) => ({
    prompt: [name, ...Object.values(args).flat()],
    options: { effort: 'low' },
  }),
};

function refuse(options: object): never {
  throw new PoolError(
    'INVALID_OPTIONS',
    `Expected only known options, got \`${Object.keys(options).join()}\`.`,
  );
}

function faultOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if (error instanceof PoolError) return `${error.code}: ${error.message}`;
    throw error;
  }
  return 'none';
}
