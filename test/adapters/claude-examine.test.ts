import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { uptime, tmpdir } from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { claudeDriver } from '../../src/claude/driver.ts';
import type { ClaudeOptions } from '../../src/claude/options.ts';
import type { AttemptTrace } from '../../src/ports.ts';
import { fakeClaude } from '../../src/testing/fake-claude.ts';

const SESSION = '5b0c8f3e-58f0-4f0e-9d5b-0f6f3a9a2b11';
const MODEL = 'claude-sonnet-5';
const START = Date.now();
/** Of 1,000 input and 100 output tokens, in micro-dollars. */
const PRICE = 4_500;

test('each answer after the prompt counts once, however many parts it has', async () => {
  const examined = await examine({
    conversation: [
      answer('before'),
      prompt('do it'),
      answer('a', { content: [{ type: 'text', text: 'I will.' }] }),
      answer('a', { content: [{ type: 'tool_use', name: 'Bash', input: { command: 'true' } }] }),
      user([{ type: 'tool_result', content: 'ok' }]),
      answer('b'),
    ],
  });

  expect(examined).toEqual({ sessionId: SESSION, began: true, spend: 2 * PRICE });
});

test('what subagents used since the prompt counts too', async () => {
  const early = answer('early', { at: START - 1 });
  const examined = await examine({
    conversation: [prompt('do it'), answer('a'), answer('sidechain', { isSidechain: true })],
    subagent: [early, prompt('look around', { isSidechain: true }), answer('c'), answer('d')],
  });

  expect(examined.spend).toBe(4 * PRICE);
});

test('an answer that was cut short is guessed from its length', async () => {
  const cut = {
    stop_reason: null,
    content: [{ type: 'thinking', thinking: 'y'.repeat(4_000) }],
    usage: { input_tokens: 1_000, output_tokens: 1 },
  };

  const examined = await examine({ conversation: [prompt('do it'), answer('a', cut)] });

  expect(examined.spend).toBe(18_000);
});

test('the last prompt that fits is the attempt', async () => {
  const conversation = [prompt('do it'), answer('a'), prompt('do  it\n'), answer('b')];

  expect(await examine({ conversation })).toEqual({ sessionId: SESSION, began: true, spend: PRICE });
});

test('a prompt from before the attempt, of a subagent or of the CLI itself is not the attempt', async () => {
  const conversation = [
    prompt('do it', { at: START - 1 }),
    prompt('do it', { isSidechain: true }),
    prompt('do it', { isMeta: true }),
    user([{ type: 'tool_result', content: 'do it' }]),
  ];

  expect(await examine({ conversation })).toEqual({ sessionId: SESSION, began: false });
});

test('long prompts are told apart by much of their text', async () => {
  const context = 'lorem '.repeat(500);
  const conversation = [prompt(`${context}first`)];

  const findings = [
    await examine({ conversation, attempt: { prompt: `${context}first` } }),
    await examine({ conversation, attempt: { prompt: `${context}second` } }),
  ];

  expect(findings.map(({ began }) => began)).toEqual([true, undefined]);
});

test('a line that was torn does no harm', async () => {
  const examined = await examine({ conversation: [prompt('do it'), answer('a')], torn: '{"type":"assist' });

  expect(examined).toEqual({ sessionId: SESSION, began: true, spend: PRICE });
});

test('a conversation is found in whatever folder it lies', async () => {
  const examined = await examine({ conversation: [prompt('do it')], project: 'elsewhere' });

  expect(examined.began).toBe(true);
});

test('without a transcript a prompt was not sent, if the CLI would have written it before', async () => {
  const boot = START - uptime() * 1_000;
  const findings = [
    await examine({}),
    await examine({ options: { env: { CLAUDE_CODE_EAGER_FLUSH: undefined } } }),
    await examine({ options: { args: ['--no-session-persistence'] } }),
    await examine({ options: { env: { CLAUDE_CODE_SKIP_PROMPT_HISTORY: '1' } } }),
    await examine({ options: { env: { CLAUDE_CONFIG_DIR: '/nowhere' } } }),
    await examine({ attempt: { startedAt: boot - 60_000 } }),
  ];

  expect(findings.map(({ began }) => began)).toEqual([
    false,
    undefined,
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
});

test('an attempt of a fake Claude is found that was given no home', async () => {
  const signal = AbortSignal.timeout(10_000);
  const driver = claudeDriver(fakeClaude({ script: { rules: [] } }));
  const session = await driver.open({ slotId: 'slot-0', cwd: await scratch() }, { signal });
  await session.run({ prompt: 'do it' }, { signal });
  await session.close();

  const finding = await driver.examine?.(traceOf({ sessionId: session.sessionId ?? '' }), { signal });

  expect(finding?.began).toBe(true);
});

test('transcripts that cannot be read say nothing', async () => {
  const home = await scratch();
  await writeFile(path.join(home, 'projects'), 'not a folder');

  expect(await examineIn(home, {})).toEqual({ sessionId: SESSION });
});

test('an examination that is aborted rejects with the reason', async () => {
  const reason = new Error('changed my mind');
  const driver = claudeDriver();

  const examining = driver.examine?.(traceOf(), { signal: AbortSignal.abort(reason) });

  await expect(examining).rejects.toBe(reason);
});

interface AnswerFields {
  readonly at?: number;
  readonly isSidechain?: boolean;
  readonly content?: readonly object[];
  readonly stop_reason?: null;
  readonly usage?: object;
}

interface Scene {
  readonly conversation?: readonly object[];
  readonly subagent?: readonly object[];
  readonly torn?: string;
  readonly project?: string;
  readonly attempt?: Partial<AttemptTrace>;
  readonly options?: ClaudeOptions;
}

async function examine(scene: Scene) {
  const { conversation, subagent = [], torn = '', project = '-work' } = scene;
  const home = await scratch();
  const folder = path.join(home, 'projects', project);
  await mkdir(path.join(folder, SESSION, 'subagents'), { recursive: true });
  if (conversation !== undefined) {
    await writeFile(path.join(folder, `${SESSION}.jsonl`), `${linesOf(conversation)}${torn}`);
    await writeFile(path.join(folder, SESSION, 'subagents', 'agent-1.jsonl'), linesOf(subagent));
  }
  return examineIn(home, scene);
}

async function examineIn(home: string, { attempt, options = {} }: Scene) {
  const driver = claudeDriver({ ...options, env: { CLAUDE_CONFIG_DIR: home, ...options.env } });
  const finding = await driver.examine?.(traceOf(attempt), { signal: new AbortController().signal });
  if (finding === undefined) throw new Error('Expected a driver that can examine.');
  return finding;
}

function traceOf(attempt: Partial<AttemptTrace> = {}): AttemptTrace {
  return { sessionId: SESSION, cwd: '/work', prompt: 'do it', startedAt: START, ...attempt };
}

function prompt(
  text: string,
  { at, ...fields }: { at?: number; isSidechain?: boolean; isMeta?: boolean } = {},
) {
  return { ...user(text), ...fields, timestamp: timeOf(at) };
}

function user(content: unknown): object {
  return { type: 'user', message: { role: 'user', content }, timestamp: timeOf() };
}

function answer(id: string, { at, isSidechain = false, ...fields }: AnswerFields = {}): object {
  const usage = { input_tokens: 1_000, output_tokens: 100 };
  const message = { id, model: MODEL, content: [], stop_reason: 'end_turn', usage, ...fields };
  return { type: 'assistant', isSidechain, message, timestamp: timeOf(at) };
}

function timeOf(at = START + 1): string {
  return new Date(at).toISOString();
}

function linesOf(lines: readonly object[]): string {
  return lines.map((line) => `${JSON.stringify(line)}\n`).join('');
}

async function scratch(): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'claude-examine-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}
