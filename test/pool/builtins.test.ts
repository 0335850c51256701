import { afterAll, expect, test } from 'vitest';
import { loadChain } from '../../src/load-chain.ts';
import { renderSkill } from '../../src/skills/render-skill.ts';
import { runsInSlot } from '../../src/skills/skill-scope.ts';
import type { Answer, Message, Script } from '../../src/testing/script.ts';
import { realWitness } from './witness.ts';

const TIMEOUT_MS = 60_000;
const WRITE = { name: 'Write', input: { file_path: 'built.txt', content: 'built' } };
const TOUCH = { name: 'Bash', input: { command: 'touch built.txt' } };
const PUSH = { name: 'Bash', input: { command: 'git push origin topic' } };
const LOG = { name: 'Bash', input: { command: 'git log -1' } };
const SHOW = { name: 'Bash', input: { command: 'gh issue view 7' } };

interface Trial {
  readonly name: string;
  readonly args: Readonly<Record<string, string | number>>;
  readonly allowed: ToolUse;
  readonly denied?: ToolUse;
}

type ToolUse = Message['toolUse'] & object;

/** What each skill is given, a tool that it must be allowed, and one that it must not. */
const TRIALS: readonly Trial[] = [
  { name: 'code-review', args: { target: 'src/a.ts' }, allowed: LOG, denied: WRITE },
  { name: 'summarize', args: { target: 'the issue 7' }, allowed: SHOW, denied: TOUCH },
  {
    name: 'create-pr',
    args: { title: 'Add a flag', body: 'For scripts.', issue: 7 },
    allowed: PUSH,
    denied: WRITE,
  },
  { name: 'implement', args: { description: 'A `--quiet` flag.' }, allowed: TOUCH },
  { name: 'write-tests', args: { target: 'src/b.ts' }, allowed: WRITE },
  { name: 'refactor', args: { target: 'src/c.ts', goal: 'fewer branches' }, allowed: WRITE },
  { name: 'pre-push', args: { context: 'a new flag' }, allowed: TOUCH },
  { name: 'rebase-onto-main', args: {}, allowed: TOUCH },
  { name: 'plan-then-execute', args: { task: 'Rename the flag.' }, allowed: WRITE },
  { name: 'chain-implement-issue', args: { issue: '#7' }, allowed: PUSH },
];

const COORDINATORS = [
  { name: 'issue-watcher', args: {} },
  { name: 'issue-triage', args: { issue: '#8' } },
  { name: 'loop-monitor', args: { repo: 'octo/cat', filters: 'author:me', verbose: true } },
  { name: 'pool-dashboard', args: {} },
  { name: 'chain-watcher', args: { chain_ids: 'chain-1 chain-2' } },
] as const;

const FINDINGS = 'a.ts:3 loses the last line';
const REVIEW: Answer = {
  toolUse: { name: 'StructuredOutput', input: { verdict: 'not ready', findings: FINDINGS } },
};

const stage = await realWitness(
  { rules: [] },
  { slots: 1, session: 'fresh', permissionMode: 'default', skills: { project: false, global: false } },
);
const { pool, api } = stage;
afterAll(() => stage[Symbol.asyncDispose]());

test('the builtins that are tried are all that there are', async () => {
  const list = await pool.skills.list();

  const tried = [...TRIALS, ...COORDINATORS].map(({ name }) => name);
  expect(list.map(({ name }) => name)).toEqual(tried.toSorted((left, right) => (left < right ? -1 : 1)));
});

test(
  'each builtin reaches the API as it is written, and may use the tools that it needs and no other',
  { timeout: TIMEOUT_MS },
  async () => {
    for (const { name, args, allowed, denied } of TRIALS) {
      const uses = [allowed, denied].flatMap((toolUse) => (toolUse === undefined ? [] : [{ toolUse }]));
      api.setScript(script([...uses, { text: `${name} is done` }]));
      const skill = await pool.skills.get(name);

      const result = await pool.runSkill(name, args);

      expect(result).toMatchObject({ output: `${name} is done`, turns: uses.length + 1 });
      expect(result.denials.map(({ toolName }) => toolName)).toEqual(
        denied === undefined ? [] : [denied.name],
      );
      const prompt = api.requests.at(-1)?.prompt;
      expect(prompt?.trim()).toBe(renderSkill(skill, args).trim());
      expect(prompt).not.toMatch(/\{\w+\}|\$ARGUMENTS/);
      for (const value of Object.values(args)) expect(prompt).toContain(String(value));
    }
  },
);

test(
  'a builtin of the coordinator is refused by the pool, and its text is whole (B23)',
  { timeout: TIMEOUT_MS },
  async () => {
    api.setScript(script([{ text: 'heard' }]));
    for (const { name, args } of COORDINATORS) {
      const skill = await pool.skills.get(name);
      const text = renderSkill(skill, args);

      await expect(pool.runSkill(name, args)).rejects.toMatchObject({ code: 'SKILL_INVALID' });
      await pool.run(text);

      expect(runsInSlot(skill)).toBe(false);
      expect(api.requests.at(-1)?.prompt.trim()).toBe(text.trim());
      for (const value of Object.values(args)) expect(text).toContain(String(value));
    }
  },
);

const CHAINS = [
  {
    name: 'issue-to-pr',
    args: { issue_url: 'https://host/issues/7' },
    steps: [
      ['Summarize this', 'https://host/issues/7'],
      ['Plan this issue', 'answer 1'],
      ['Implement this', 'answer 1', 'answer 2', 'https://host/issues/7'],
      ['Write tests', 'answer 3'],
      ['Make this repository ready', 'answer 3', 'answer 4'],
      ['Open a pull request', 'answer 3', 'answer 5', 'https://host/issues/7'],
    ],
  },
  {
    name: 'plan-then-execute',
    args: { task: 'Rename the flag.' },
    steps: [
      ['Plan this task', 'Rename the flag.'],
      ['Criticise this plan', 'Rename the flag.', 'answer 1'],
      ['Implement this', 'Rename the flag.', 'answer 2'],
      ['Verify whether', 'Rename the flag.', 'answer 3'],
    ],
  },
  {
    name: 'refactor-and-test',
    args: { target_file: 'src/c.ts', refactor_goal: 'fewer branches' },
    steps: [
      ['Refactor this', 'src/c.ts', 'fewer branches'],
      ['Write tests', 'src/c.ts', 'answer 1'],
      ['Verify that', 'src/c.ts', 'fewer branches', 'answer 1', 'answer 2'],
    ],
  },
] as const;

test.each(CHAINS)(
  'the chain $name runs its steps in order, each with what it needs of those before',
  { timeout: TIMEOUT_MS },
  async ({ name, args, steps }) => {
    const before = api.requests.length;
    api.setScript({
      rules: steps.map(([opening], index) => ({ when: opening, answers: [{ text: `answer ${index + 1}` }] })),
    });

    const chain = await pool.runChain(await loadChain(name), { arguments: args });

    expect(chain).toMatchObject({ state: 'completed', output: `answer ${steps.length}` });
    const prompts = api.requests.slice(before).map(({ prompt }) => prompt);
    expect(prompts).toHaveLength(steps.length);
    for (const [index, [opening, ...values]] of steps.entries()) {
      expect(prompts[index]?.startsWith(opening)).toBe(true);
      expect(prompts[index]).not.toMatch(/\{[\w.]+\}/);
      for (const value of values) expect(prompts[index]).toContain(value);
    }
  },
);

test(
  'the chain review-and-fix fixes what a review finds and reviews again',
  { timeout: TIMEOUT_MS },
  async () => {
    const before = api.requests.length;
    api.setScript({
      rules: [
        { when: 'after the findings of an earlier review', answers: [{ text: 'settled' }] },
        { when: 'Review this code', answers: [REVIEW, { text: 'reviewed' }] },
        { when: 'A review of src/a.ts found this', answers: [{ toolUse: WRITE }, { text: 'fixed' }] },
      ],
    });

    const chain = await pool.runChain(await loadChain('review-and-fix'), {
      arguments: { review_target: 'src/a.ts' },
    });

    expect(chain).toMatchObject({ state: 'completed', output: 'settled' });
    expect(chain.steps.map(({ name, state }) => [name, state])).toEqual([
      ['review', 'succeeded'],
      ['fix', 'succeeded'],
      ['review_again', 'succeeded'],
    ]);
    const [review, fix, again] = firstRequests(before);
    expect(review?.prompt).toContain('src/a.ts');
    expect(fix?.prompt).toContain(`<findings>\n${FINDINGS}\n</findings>`);
    expect(again?.prompt).toContain(`Findings: ${FINDINGS}`);
    expect(again?.prompt).toContain('Report of the fixes: fixed');
  },
);

test(
  'the chain review-and-fix leaves out the fix when there is nothing to fix',
  { timeout: TIMEOUT_MS },
  async () => {
    const clean = { toolUse: { name: 'StructuredOutput', input: { verdict: 'ready', findings: '' } } };
    api.setScript(script([clean, { text: 'reviewed' }]));

    const chain = await pool.runChain(await loadChain('review-and-fix'), {
      arguments: { review_target: 'src/a.ts' },
    });

    expect(chain.state).toBe('completed');
    expect(chain.steps.map(({ state }) => state)).toEqual(['succeeded', 'skipped', 'skipped']);
  },
);

test('a chain of this package that needs an argument, or that there is none of, is refused', async () => {
  const issueToPr = await loadChain('issue-to-pr');

  await expect(pool.submitChain(issueToPr)).rejects.toMatchObject({
    code: 'INVALID_OPTIONS',
    message: expect.stringContaining('`issue_url`'),
  });
  await expect(loadChain('no-such-chain')).rejects.toMatchObject({ code: 'CHAIN_NOT_FOUND' });
});

function script(answers: readonly Answer[]): Script {
  return { rules: [], otherwise: answers };
}

/** The request that each turn began with, from that number on. */
function firstRequests(from: number) {
  return api.requests.slice(from).filter(({ step }) => step === 0);
}
