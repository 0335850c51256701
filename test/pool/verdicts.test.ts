import { createPool } from 'claude-pool';
import type { Pool, PoolOptions, TaskRequest } from 'claude-pool';
import { fakeApi, realClaude, scratchHome } from 'claude-pool/testing';
import type { FakeApi, Script } from 'claude-pool/testing';
import { expect, test, vi } from 'vitest';

/** On both versions a request of this size costs the same. */
const MODEL = 'claude-haiku-4-5';
const USAGE = { inputTokens: 1000, outputTokens: 50 };
const REQUEST_USD = (1000 * 1 + 50 * 5) / 1_000_000;

const BASH = { toolUse: { name: 'Bash', input: { command: 'true' } }, usage: USAGE };
const WRITE = {
  toolUse: { name: 'Write', input: { file_path: '/outside/note.txt', content: 'x' } },
  usage: USAGE,
};
const SCRIPT: Script = {
  rules: [
    { when: 'spend', answers: [{ ...BASH, delayMs: 400 }] },
    { when: 'loop', answers: [BASH] },
    { when: 'write', answers: [WRITE, { text: 'I may not.', usage: USAGE }] },
    { when: 'overload', answers: [{ status: 529 }] },
    { when: 'bad request', answers: [{ status: 400 }] },
    { when: 'too long', answers: [{ status: 400, message: 'prompt is too long: 210000 tokens > 200000' }] },
    { when: 'fill', answers: [{ text: 'So', stopReason: 'model_context_window_exceeded', usage: USAGE }] },
    { when: 'refuse', answers: [{ text: 'I', stopReason: 'refusal', usage: USAGE }] },
    { when: 'ramble', answers: [{ text: 'So', stopReason: 'max_tokens', usage: USAGE }] },
    { when: 'say nothing', answers: [{ text: '', usage: USAGE }] },
    { when: 'no visible output', answers: [{ text: '', usage: USAGE }] },
    { when: 'pause', answers: [{ text: 'So', stopReason: 'pause_turn', usage: USAGE }] },
  ],
  otherwise: [{ echo: true, usage: USAGE }],
};
const OPTIONS: PoolOptions = { retries: 0, maxTurns: 6, permissionMode: 'default', allowedTools: ['Bash'] };

const PATIENCE = { timeout: 10_000 };

/** Version 2.1.330 asks a model that refuses a second time. */
const REFUSALS = { oldest: 1, newest: 2 } as const;

for (const version of ['oldest', 'newest'] as const) {
  test(`every bad end on the real CLI (${version}) has its verdict, its code and its spend, and the slot goes on`, async () => {
    await using stage = await stageOf(version, { script: SCRIPT, options: OPTIONS });
    const { pool } = stage;
    const warm = await pool.run('hello');

    const ends = {
      spend: await endOf(pool, { prompt: 'spend', maxBudgetUsd: 2.5 * REQUEST_USD }),
      loop: await endOf(pool, { prompt: 'loop' }),
      write: await endOf(pool, { prompt: 'write' }),
      overload: await endOf(pool, { prompt: 'overload' }),
      badRequest: await endOf(pool, { prompt: 'bad request' }),
      tooLong: await endOf(pool, { prompt: 'too long' }),
      fill: await endOf(pool, { prompt: 'fill' }),
      refuse: await endOf(pool, { prompt: 'refuse' }),
      ramble: await endOf(pool, { prompt: 'ramble' }),
      sayNothing: await endOf(pool, { prompt: 'say nothing' }),
      pause: await endOf(pool, { prompt: 'pause' }),
    };

    // An interrupt may come one request late.
    const overCap: unknown = expect.toBeOneOf([3, 4]);
    expect(ends).toEqual({
      spend: bad('budget', overCap, 'BUDGET_EXCEEDED'),
      loop: bad('maxTurns', 6),
      write: { ...bad('succeededWithDenials', 2), state: 'completed', code: undefined },
      overload: bad('overloaded', 0),
      badRequest: bad('invalidRequest', 0),
      tooLong: bad('contextOverflow', 0),
      fill: bad('contextOverflow', 4),
      refuse: bad('refused', REFUSALS[version]),
      ramble: bad('incomplete', 4),
      sayNothing: bad('incomplete', 2),
      pause: bad('incomplete', 1),
    });
    const requests = Object.values(ends).reduce((sum, end) => sum + end.requests + 1, 1);
    expect(pool.status().spendUsd).toBeCloseTo(requests * REQUEST_USD, 9);
    expect(warm.output).toBe('echo: hello');
  });

  test(`a usage limit on the real CLI (${version}) parks pool and task until it is lifted, and is no attempt`, async () => {
    await using stage = await stageOf(version, { script: SCRIPT, account: 'subscription' });
    const { pool, api } = stage;
    await pool.run('hello');
    const resetsAt = Math.ceil(Date.now() / 1000 + 3) * 1000;
    api.setScript({ ...SCRIPT, rules: [{ when: 'work', times: 1, answers: [{ status: 429, resetsAt }] }] });

    const id = await pool.submit('work');
    await parked(pool);
    const status = pool.status();
    const waiting = pool.task(id);
    const result = await pool.wait(id);

    expect(status).toMatchObject({
      reservedUsd: 0,
      limit: { state: 'parked', until: resetsAt, reason: expect.stringContaining('usage limit') },
      slots: [{ state: expect.toBeOneOf(['idle', 'recycling']), activeTasks: 0, restarts: 0 }],
    });
    expect(waiting).toMatchObject({
      state: 'pending',
      wait: 'parked',
      until: resetsAt,
      verdict: 'rateLimited',
      attempts: 0,
      spendUsd: 0,
    });
    expect(result).toMatchObject({ output: 'echo: work', attempts: 1, slotId: 'slot-0' });
    await vi.waitFor(() => expect(pool.status().limit.state).toBe('clear'), PATIENCE);
    expect(Date.now()).toBeGreaterThanOrEqual(resetsAt);
  });

  test(`a refused login on the real CLI (${version}) parks the pool with its remedy and burns no other task`, async () => {
    await using stage = await stageOf(version, { script: { rules: [], otherwise: [{ status: 401 }] } });
    const { pool, api } = stage;

    const [outcome] = await pool.fanOut(['first']);
    const next = await pool.submit('second');
    await idle(pool);

    expect(outcome).toMatchObject({ status: 'failed', error: { code: 'CLAUDE_AUTH', verdict: 'auth' } });
    expect(pool.status()).toMatchObject({
      spendUsd: 0,
      reservedUsd: 0,
      limit: { state: 'parked', reason: expect.stringContaining('Log in with `claude`') },
      slots: [{ state: 'idle', activeTasks: 0, restarts: 0 }],
    });
    expect(pool.task(next)).toMatchObject({ state: 'pending', attempts: 0 });
    expect(api.requests.map(({ prompt }) => prompt)).toEqual(['first']);
  });
}

interface Staging {
  readonly script: Script;
  readonly account?: 'apiKey' | 'subscription';
  readonly options?: PoolOptions;
}

interface VerdictStage extends AsyncDisposable {
  readonly pool: Pool;
  readonly api: FakeApi;
}

/** A pool of one slot on the real CLI, which starts every task clean. */
async function stageOf(
  version: 'oldest' | 'newest',
  { script, account = 'apiKey', options = {} }: Staging,
): Promise<VerdictStage> {
  const api = await fakeApi({ script });
  const { cwd, env, ...home } = await scratchHome({ url: api.url, account });
  const claude = { command: realClaude(version).command, cwd, env };
  const pool = await createPool({ slots: 1, session: 'fresh', model: MODEL, ...options, claude });
  return {
    pool,
    api,
    async [Symbol.asyncDispose]() {
      await pool[Symbol.asyncDispose]();
      await api.stop();
      await home[Symbol.asyncDispose]();
    },
  };
}

/** How a task ended, and how its slot is afterwards. */
async function endOf(pool: Pool, request: TaskRequest) {
  const [outcome] = await pool.fanOut([request]);
  const { state, verdict, spendUsd, attempts, error } = pool.task(outcome?.taskId ?? '');
  await idle(pool);
  const { restarts, activeTasks } = pool.status().slots[0] ?? {};
  const { reservedUsd, limit } = pool.status();
  const { output: next } = await pool.run('and now?');
  return {
    state,
    verdict,
    code: error?.code,
    requests: Math.round(spendUsd / REQUEST_USD),
    attempts,
    after: { restarts, activeTasks, reservedUsd, limit: limit.state, next },
  };
}

function bad(verdict: string, requests: unknown, code = 'TASK_FAILED') {
  const after = {
    restarts: 0,
    activeTasks: 0,
    reservedUsd: 0,
    limit: 'clear',
    next: 'echo: and now?',
  };
  return { state: 'failed', verdict, code, requests, attempts: 1, after };
}

async function idle(pool: Pool): Promise<void> {
  await vi.waitFor(() => expect(pool.status().slots[0]?.state).toBe('idle'), PATIENCE);
}

async function parked(pool: Pool): Promise<void> {
  if (pool.status().limit.state === 'parked') return;
  await new Promise<void>((resolve) => {
    const off = pool.on('limit.parked', () => {
      off();
      resolve();
    });
  });
}
