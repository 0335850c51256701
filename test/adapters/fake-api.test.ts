import { execa } from 'execa';
import { expect, test, vi } from 'vitest';
import { fakeApi } from '../../src/testing/fake-api.ts';
import type { FakeApi } from '../../src/testing/fake-api.ts';
import { realClaude } from '../../src/testing/real-claude.ts';
import { scratchHome } from '../../src/testing/scratch-home.ts';
import type { ScratchHomeOptions } from '../../src/testing/scratch-home.ts';
import type { Answer, Script } from '../../src/testing/script.ts';

const versions = ['oldest', 'newest'] as const;

test('an answer is streamed as the events of the Messages API', async () => {
  const usage = { inputTokens: 7, cacheReadTokens: 5, cacheWriteTokens: 3 };
  await using api = await fakeApi({ script: rule('sum', { text: ['forty', '-two'], usage }) });

  const events = await streamOf(await ask(api, 'sum', { stream: true }));

  const counted = { input_tokens: 7, cache_creation_input_tokens: 3, cache_read_input_tokens: 5 };
  expect(events).toEqual([
    {
      type: 'message_start',
      message: {
        id: expect.stringMatching(/^msg_/),
        type: 'message',
        role: 'assistant',
        model: 'claude-test',
        content: [],
        stop_reason: null,
        stop_sequence: null,
        usage: { ...counted, output_tokens: 1 },
      },
    },
    { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
    { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'forty' } },
    { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: '-two' } },
    { type: 'content_block_stop', index: 0 },
    {
      type: 'message_delta',
      delta: { stop_reason: 'end_turn', stop_sequence: null },
      usage: { ...counted, output_tokens: 1 },
    },
    { type: 'message_stop' },
  ]);
});

test('a tool use is streamed after the text, its input as JSON', async () => {
  const toolUse = { name: 'Bash', input: { command: 'ls' } };
  await using api = await fakeApi({ script: rule('list', { text: 'Looking', toolUse }) });

  const events = await streamOf(await ask(api, 'list', { stream: true }));

  expect(events).toMatchObject([
    { type: 'message_start' },
    { type: 'content_block_start', index: 0 },
    { type: 'content_block_delta', index: 0 },
    { type: 'content_block_stop', index: 0 },
    { content_block: { type: 'tool_use', id: expect.stringMatching(/^toolu_/), name: 'Bash', input: {} } },
    { index: 1, delta: { type: 'input_json_delta', partial_json: '{"command":"ls"}' } },
    { type: 'content_block_stop', index: 1 },
    { type: 'message_delta', delta: { stop_reason: 'tool_use' } },
    { type: 'message_stop' },
  ]);
});

test('an answer that is not streamed is one message', async () => {
  await using api = await fakeApi({
    script: rule('sum', { text: 'The sum is 42', stopReason: 'max_tokens' }),
  });

  const response = await ask(api, 'sum');

  expect(await response.json()).toMatchObject({
    type: 'message',
    role: 'assistant',
    content: [{ type: 'text', text: 'The sum is 42' }],
    stop_reason: 'max_tokens',
    usage: { input_tokens: 100, output_tokens: 4 },
  });
});

test('a prompt without a rule is echoed', async () => {
  await using api = await fakeApi({ script: { rules: [] } });

  expect(await answerTo(api, 'hello')).toBe('echo: hello');
});

test('a script can say what is played when no rule matches', async () => {
  await using api = await fakeApi({ script: { rules: [], otherwise: [{ text: 'No rule' }] } });

  expect(await answerTo(api, 'hello')).toBe('No rule');
});

test('a rule sees the latest prompt, and nothing that the CLI or a tool said', async () => {
  await using api = await fakeApi({
    script: {
      rules: [
        { when: 'noise', answers: [{ text: 'wrong' }] },
        { when: 'second\npart two', answers: [{ text: 'right' }] },
      ],
    },
  });

  const text = await answerTo(api, [
    user('first noise'),
    assistant('ok'),
    user(
      '<system-reminder>noise</system-reminder>',
      '<local-command-caveat>noise</local-command-caveat>\n<command-name>/noise</command-name>',
      'second',
      'part two',
    ),
    { role: 'system', content: 'noise' },
    assistant('noise'),
    { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'toolu_1', content: 'noise' }] },
  ]);

  expect(text).toBe('right');
});

test('a prompt that was interrupted is not the latest one', async () => {
  await using api = await fakeApi({ script: { rules: [] } });

  const text = await answerTo(api, [user('old', '[Request interrupted by user]', 'new')]);

  expect(text).toBe('echo: new');
});

test('a prompt whose turn failed is not the latest one', async () => {
  await using api = await fakeApi({ script: rule('bad', { status: 400 }) });
  await ask(api, 'bad');

  const text = await answerTo(api, [user('bad', 'good')]);

  expect(text).toBe('echo: good');
});

test('the requests of a turn play the answers in order, the last one again and again', async () => {
  await using api = await fakeApi({ script: rule('go', { text: 'one' }, { text: 'two' }) });
  const later = [user('go'), assistant('…'), user(), assistant('…'), user()];

  expect(await answerTo(api, later.slice(0, 1))).toBe('one');
  expect(await answerTo(api, later.slice(0, 3))).toBe('two');
  expect(await answerTo(api, later)).toBe('two');
});

test('a continuation that the CLI asks for belongs to the turn', async () => {
  await using api = await fakeApi({ script: rule('go', { text: 'one' }, { text: 'two' }) });
  await ask(api, 'go');

  const text = await answerTo(api, [
    user('go'),
    assistant('one'),
    user('Output token limit hit. Resume directly'),
  ]);

  expect(text).toBe('two');
});

test('a rule with times plays that many turns, and a repeated request is the same turn', async () => {
  const rules = [{ when: 'go', times: 1, answers: [{ text: 'first' }] }];
  await using api = await fakeApi({ script: { rules } });

  expect(await answerTo(api, 'go', 'session-1')).toBe('first');
  expect(await answerTo(api, 'go', 'session-1')).toBe('first');
  expect(await answerTo(api, 'go', 'session-2')).toBe('echo: go');
});

test('a fault with times is over for the retry', async () => {
  const rules = [
    { when: 'go', times: 2, answers: [{ status: 529 }] },
    { when: 'go', answers: [{ text: 'ok' }] },
  ] as const;
  await using api = await fakeApi({ script: { rules } });

  expect((await ask(api, 'go')).status).toBe(529);
  expect((await ask(api, 'go')).status).toBe(529);
  expect(await answerTo(api, 'go')).toBe('ok');
});

test('a fault before other answers is met once in a turn', async () => {
  await using api = await fakeApi({ script: rule('go', { status: 500 }, { text: 'ok' }) });

  expect((await ask(api, 'go')).status).toBe(500);
  expect(await answerTo(api, 'go')).toBe('ok');
});

test('setScript makes all rules fresh', async () => {
  const script = { rules: [{ when: 'go', times: 1, answers: [{ text: 'scripted' }] }] };
  await using api = await fakeApi({ script });
  await ask(api, 'go', { session: 'session-1' });

  api.setScript(script);

  expect(await answerTo(api, 'go', 'session-2')).toBe('scripted');
});

test('requests are recorded with what the model would see', async () => {
  await using api = await fakeApi({ script: { rules: [] } });

  await post(api, '/v1/messages?beta=true', {
    headers: { 'x-claude-code-session-id': 'session-1' },
    body: JSON.stringify({
      model: 'claude-test',
      system: [{ type: 'text', text: 'Be brief' }],
      messages: [user('hello')],
      tools: [{ name: 'Bash', input_schema: {} }],
      output_config: { effort: 'low' },
    }),
  });

  expect(api.requests).toEqual([
    {
      sessionId: 'session-1',
      prompt: 'hello',
      step: 0,
      model: 'claude-test',
      stream: false,
      system: ['Be brief'],
      messages: [user('hello')],
      tools: ['Bash'],
      fields: { output_config: { effort: 'low' } },
    },
  ]);
});

test.each([
  [400, 'invalid_request_error'],
  [401, 'authentication_error'],
  [403, 'permission_error'],
  [404, 'not_found_error'],
  [413, 'request_too_large'],
  [429, 'rate_limit_error'],
  [500, 'api_error'],
  [529, 'overloaded_error'],
] as const)('status %i is an error of type %s', async (status, type) => {
  await using api = await fakeApi({ script: rule('go', { status, message: 'No' }) });

  const response = await ask(api, 'go');

  expect(response.status).toBe(status);
  expect(await response.json()).toEqual({
    type: 'error',
    error: { type, message: 'No' },
    request_id: response.headers.get('request-id'),
  });
});

test('a usage limit says in headers when it is lifted', async () => {
  await using api = await fakeApi({
    script: rule('go', { status: 429, retryAfter: 9, resetsAt: 1_800_000_000_000 }),
  });

  const { headers } = await ask(api, 'go');

  expect(headers.get('retry-after')).toBe('9');
  expect(headers.get('anthropic-ratelimit-unified-status')).toBe('rejected');
  expect(headers.get('anthropic-ratelimit-unified-reset')).toBe('1800000000');
});

test('a connection can be dropped before the first byte', async () => {
  await using api = await fakeApi({ script: rule('go', { drop: 'before' }) });

  await expect(ask(api, 'go')).rejects.toThrow('fetch failed');
});

test.each([true, false])('a connection can be dropped in the answer (streaming: %s)', async (stream) => {
  await using api = await fakeApi({ script: rule('go', { drop: 'midStream' }) });

  const response = await ask(api, 'go', { stream });

  expect(response.status).toBe(200);
  await expect(response.text()).rejects.toThrow('terminated');
});

test.each([
  ['a silent request', { silence: true }],
  ['a delay', { text: 'late', delayMs: 600_000 }],
] as const)('stop ends %s at once', async (_name, answer) => {
  await using api = await fakeApi({ script: rule('go', answer) });
  const outcome = ask(api, 'go').catch(String);
  await vi.waitFor(() => expect(api.requests).toHaveLength(1));

  await api.stop();

  expect(await outcome).toContain('fetch failed');
});

test('stop ends a stream between two pieces, and can be called again', async () => {
  await using api = await fakeApi({ script: rule('go', { text: ['one', 'two'], pieceDelayMs: 600_000 }) });
  const response = await ask(api, 'go', { stream: true });

  await api.stop();
  await api.stop();

  await expect(response.text()).rejects.toThrow('terminated');
});

test('a client that leaves harms no other', async () => {
  await using api = await fakeApi({ script: rule('slow', { text: 'late', delayMs: 600_000 }) });
  const leaving = new AbortController();
  const outcome = ask(api, 'slow', { signal: leaving.signal }).catch(String);
  await vi.waitFor(() => expect(api.requests).toHaveLength(1));

  leaving.abort();

  expect(await outcome).toContain('aborted');
  expect(await answerTo(api, 'hello')).toBe('echo: hello');
});

test('a fault of the process is refused with a hint, and not to be retried', async () => {
  await using api = await fakeApi({ script: rule('go', { crash: 'beforeResult' }) });

  const response = await ask(api, 'go');

  expect(response.status).toBe(500);
  expect(response.headers.get('x-should-retry')).toBe('false');
  expect(await response.text()).toContain('only the fake Claude can play');
});

test('a body of many megabytes is answered', async () => {
  await using api = await fakeApi({ script: rule('needle', { text: 'found' }) });
  const reminders = '<system-reminder>hay</system-reminder>'.repeat(100_000);

  const text = await answerTo(api, [user(`${reminders}needle`, 'x'.repeat(20_000_000))]);

  expect(text).toBe('found');
});

test.each(['{"model":', '{"model":"claude-test"}'])('the body %s is an invalid request', async (body) => {
  await using api = await fakeApi({ script: { rules: [] } });

  const response = await post(api, '/v1/messages', { body });

  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject({ error: { type: 'invalid_request_error' } });
});

test('tokens can be counted', async () => {
  await using api = await fakeApi({ script: { rules: [] } });

  const response = await post(api, '/v1/messages/count_tokens', { body: 'x'.repeat(400) });

  expect(await response.json()).toEqual({ input_tokens: 100 });
});

test('the root can be probed, and nothing else is served', async () => {
  await using api = await fakeApi({ script: { rules: [] } });

  const [probe, other] = await Promise.all([
    fetch(api.url, { method: 'HEAD' }),
    fetch(`${api.url}/v1/files`),
  ]);

  expect(probe.status).toBe(200);
  expect(other.status).toBe(404);
  expect(await other.json()).toMatchObject({ type: 'error', error: { type: 'not_found_error' } });
});

test.each([
  ['oldest', '2.1.197'],
  ['newest', '2.1.330'],
] as const)('the %s binary is version %s', async (name, version) => {
  await using home = await scratchHome({ url: 'http://127.0.0.1:9' });
  const claude = realClaude(name);

  const { stdout } = await execa(claude.command, ['--version'], { env: home.env, extendEnv: false });

  expect(claude.version).toBe(version);
  expect(stdout).toContain(version);
});

test.each(versions)('the %s CLI prints the text of the script', async (version) => {
  await using api = await fakeApi({ script: rule('sum', { text: ['forty', '-two'] }) });

  const { exitCode, result } = await runClaude(api, { version, prompt: 'What is the sum?' });

  expect(exitCode).toBe(0);
  expect(result).toMatchObject({ subtype: 'success', is_error: false, result: 'forty-two', num_turns: 1 });
});

test.each(versions)('the %s CLI runs a tool and sends its output back', async (version) => {
  const toolUse = { name: 'Bash', input: { command: 'echo from-bash', description: 'Say hello' } };
  await using api = await fakeApi({ script: rule('run', { toolUse }, { text: 'It ran' }) });

  const { result } = await runClaude(api, { version, prompt: 'run it' });

  expect(result).toMatchObject({ subtype: 'success', result: 'It ran', num_turns: 2 });
  expect(JSON.stringify(api.requests.at(-1)?.messages)).toContain('from-bash');
});

test.each(versions)('the %s CLI fails with status 400', async (version) => {
  await using api = await fakeApi({ script: rule('go', { status: 400, message: 'Not like this' }) });

  const { exitCode, result } = await runClaude(api, { version, prompt: 'go' });

  expect(exitCode).toBe(1);
  expect(result).toMatchObject({
    is_error: true,
    api_error_status: 400,
    result: 'API Error: 400 Not like this',
  });
});

test.each(versions)('the %s CLI retries status 401 and fails with it', async (version) => {
  await using api = await fakeApi({ script: rule('go', { status: 401 }) });

  const { exitCode, result } = await runClaude(api, { version, prompt: 'go' });

  expect(exitCode).toBe(1);
  expect(result).toMatchObject({ is_error: true, api_error_status: 401 });
  expect(api.requests).toHaveLength(2);
});

test.each(versions)('the %s CLI with a subscription tells when a usage limit is lifted', async (version) => {
  await using api = await fakeApi({ script: rule('go', { status: 429, resetsAt: 4_000_000_000_000 }) });

  const { exitCode, lines, result } = await runClaude(api, {
    version,
    prompt: 'go',
    account: 'subscription',
  });

  expect(exitCode).toBe(1);
  expect(result).toMatchObject({ is_error: true, api_error_status: 429 });
  expect(api.requests).toHaveLength(1);
  expect(lines).toContainEqual(
    expect.objectContaining({
      type: 'rate_limit_event',
      rate_limit_info: {
        status: 'rejected',
        resetsAt: 4_000_000_000,
        rateLimitType: 'five_hour',
        isUsingOverage: false,
      },
    }),
  );
});

test.each(versions)(
  'the %s CLI with an API key retries a usage limit and fails with 429',
  async (version) => {
    await using api = await fakeApi({ script: rule('go', { status: 429, resetsAt: 4_000_000_000_000 }) });

    const { lines, result } = await runClaude(api, { version, prompt: 'go' });

    expect(result).toMatchObject({ is_error: true, api_error_status: 429 });
    expect(lines).toContainEqual(expect.objectContaining({ subtype: 'api_retry', error_status: 429 }));
  },
);

test.each(versions)('the %s CLI gets over an overload that does not last', async (version) => {
  const rules = [
    { when: 'go', times: 1, answers: [{ status: 529 }] },
    { when: 'go', answers: [{ text: 'ok' }] },
  ] as const;
  await using api = await fakeApi({ script: { rules } });

  const { lines, result } = await runClaude(api, { version, prompt: 'go' });

  expect(result).toMatchObject({ is_error: false, result: 'ok' });
  expect(lines).toContainEqual(expect.objectContaining({ subtype: 'api_retry', error_status: 529 }));
});

test.each(versions)('the %s CLI gets over a connection that is dropped in the answer', async (version) => {
  await using api = await fakeApi({ script: rule('go', { drop: 'midStream' }, { text: 'ok' }) });

  const { exitCode, result } = await runClaude(api, { version, prompt: 'go' });

  expect(exitCode).toBe(0);
  expect(result).toMatchObject({ is_error: false, result: 'ok' });
});

function rule(when: string, ...answers: readonly Answer[]): Script {
  return { rules: [{ when, answers }] };
}

interface Turn {
  readonly role: string;
  readonly content: string | readonly object[];
}

function user(...texts: readonly string[]): Turn {
  return { role: 'user', content: texts.map((text) => ({ type: 'text', text })) };
}

function assistant(text: string): Turn {
  return { role: 'assistant', content: [{ type: 'text', text }] };
}

async function ask(
  api: FakeApi,
  prompt: string | readonly Turn[],
  options: { stream?: boolean; session?: string; signal?: AbortSignal } = {},
): Promise<Response> {
  const { stream = false, session = 'session-1', signal } = options;
  const messages = typeof prompt === 'string' ? [user(prompt)] : prompt;
  return post(api, '/v1/messages?beta=true', {
    headers: { 'x-claude-code-session-id': session },
    body: JSON.stringify({ model: 'claude-test', messages, stream }),
    ...(signal === undefined ? {} : { signal }),
  });
}

async function post(api: FakeApi, path: string, init: RequestInit): Promise<Response> {
  return fetch(`${api.url}${path}`, { method: 'POST', ...init });
}

async function answerTo(api: FakeApi, prompt: string | readonly Turn[], session?: string): Promise<unknown> {
  const response = await ask(api, prompt, session === undefined ? {} : { session });
  const message: { content?: { text?: unknown }[] } = JSON.parse(await response.text());
  return message.content?.[0]?.text;
}

async function streamOf(response: Response): Promise<unknown[]> {
  const text = await response.text();
  return text
    .split('\n')
    .filter((line) => line.startsWith('data: '))
    .map((line): unknown => JSON.parse(line.slice('data: '.length)));
}

interface ClaudeRun extends Omit<ScratchHomeOptions, 'url'> {
  readonly version: (typeof versions)[number];
  readonly prompt: string;
}

async function runClaude(
  api: FakeApi,
  { version, prompt, ...options }: ClaudeRun,
): Promise<{ exitCode: number | undefined; lines: unknown[]; result: unknown }> {
  await using home = await scratchHome({ url: api.url, ...options });
  const { exitCode, stdout } = await execa(
    realClaude(version).command,
    ['-p', prompt, '--output-format', 'json', '--verbose', '--allowedTools', 'Bash'],
    {
      cwd: home.cwd,
      env: { ...home.env, CLAUDE_CODE_MAX_RETRIES: '1' },
      extendEnv: false,
      stdin: 'ignore',
      reject: false,
    },
  );
  const lines: unknown[] = JSON.parse(stdout);
  return { exitCode, lines, result: lines.at(-1) };
}
