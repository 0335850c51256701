import { expect, test } from 'vitest';
import { claudeDriver } from 'claude-pool';
import type { ClaudeDriver, PoolOptions } from 'claude-pool';
import { startLife } from './life.ts';
import { charged, chargedUsd, heard, house, inReview, openPool } from './lives.ts';
import type { House } from './house.ts';
import type { Life } from './life.ts';

const CUT_OFF = { when: 'work', times: 1, answers: [{ silence: true }] } as const;
const RULES = {
  rules: [
    CUT_OFF,
    {
      when: 'tools',
      times: 1,
      answers: [{ toolUse: { name: 'Read', input: { file_path: 'none' } } }, { silence: true }],
    },
    { when: 'stubborn', answers: [{ hang: 'beforeResult' }] },
  ],
} as const;
const ONE_SLOT = { slots: 1 } as const;

test('an attempt that was cut off is told to go on in its conversation', async () => {
  const { place, id } = await cutOff('work');

  const pool = await openPool(place.options);
  const { output, attempts } = await pool.wait(id);

  const [first, second, ...more] = place
    .journal()
    .flatMap((entry) => (entry.type === 'prompt' ? [entry] : []));
  expect(more).toEqual([]);
  expect(second).toMatchObject({ sessionId: first?.sessionId, remembered: ['work'] });
  expect(second?.prompt).toContain('You were cut off');
  expect(output).toBe(`echo: ${second?.prompt}`);
  expect(attempts).toBe(2);
});

test('with `retry` an attempt that was cut off is made anew, in a new conversation', async () => {
  const { place, id } = await cutOff('work');

  const pool = await openPool({ ...place.options, recovery: 'retry' });
  const { output } = await pool.wait(id);

  const [first, second] = place.journal().flatMap((entry) => (entry.type === 'prompt' ? [entry] : []));
  expect(output).toBe('echo: work');
  expect(second).toMatchObject({ prompt: 'work', remembered: [] });
  expect(second?.sessionId).not.toBe(first?.sessionId);
});

test('with `fail` a task that was cut off has failed, and says of what', async () => {
  const { place, id } = await cutOff('work');

  const pool = await openPool({ ...place.options, recovery: 'fail' });

  await expect(pool.wait(id)).rejects.toMatchObject({
    code: 'TASK_FAILED',
    message: expect.stringContaining('cut off'),
  });
});

test('what a cut-off attempt had been charged is estimated from its transcript, not from its reservation', async () => {
  const { place, id } = await cutOff('tools', { budgetUsd: 5, reservationUsd: 1 });
  await charged(place);

  const pool = await openPool({ ...place.options, recovery: 'fail' });
  await pool.wait(id).catch(() => undefined);

  const { spendUsd, estimatedUsd, reservedUsd, slots } = pool.status();
  expect(spendUsd).toBeGreaterThanOrEqual(chargedUsd(place));
  expect(spendUsd).toBeLessThan(2 * chargedUsd(place));
  expect({ estimatedUsd, reservedUsd }).toEqual({ estimatedUsd: spendUsd, reservedUsd: 0 });
  expect(slots.map((slot) => slot.spendUsd)).toEqual([spendUsd]);
});

test('what nobody can tell is asked for: the task waits in review with the reason, charged with its reservation', async () => {
  const { place, id } = await cutOff('work', { budgetUsd: 5, reservationUsd: 1 });

  const pool = await openPool({ ...place.options, driver: blind(place.options) });
  const { state, reason, spendUsd } = pool.task(id);
  await pool.rejectResult(id, 'start over');
  const again = await inReview(pool, id);
  const { output } = await pool.approveResult(id);

  expect({ state, spendUsd }).toEqual({ state: 'pendingReview', spendUsd: 1 });
  expect(reason).toContain('nobody can tell whether Claude had begun');
  expect(again.reason ?? '').not.toContain('nobody can tell');
  expect(output).toContain('start over');
});

test('a cancel that was under way is carried out at the next start', async () => {
  const { place, id, life } = await running('stubborn');
  void life.call('cancel', id);
  await life.call('history');
  await life.kill();

  const pool = await openPool(place.options);

  await expect(pool.wait(id)).rejects.toMatchObject({ code: 'CANCELLED' });
  expect(place.journal().filter(({ type }) => type === 'prompt')).toHaveLength(1);
});

test('a drain that was under way cancels at the next start what it had told to end', async () => {
  const { place, id, life } = await running('stubborn');
  void life.call('drain', { timeoutMs: 1 });
  await life.call('history', { from: 1 });
  await life.event(({ type }) => type === 'pool.draining');
  await life.call('history');
  await life.kill();

  const pool = await openPool({ ...place.options, recovery: 'retry' });

  expect(await pool.wait(id).catch((error: unknown) => error)).toMatchObject({ code: 'POOL_CLOSED' });
});

test('no process of a pool that was killed is left once the next one runs', async () => {
  const { place, life } = await running('stubborn');
  const [child] = await place.processes();
  await life.kill();

  const pool = await openPool({ ...place.options, recovery: 'fail' });
  const after = await place.processes();
  await pool.drain();

  expect(child).toBeGreaterThan(0);
  expect(after).not.toContain(child);
  expect(await place.processes()).toEqual([]);
});

test('a task is resumed as often as its pool is killed, and each cut is an attempt', async () => {
  const place = await house(
    {
      rules: [
        { ...CUT_OFF, when: 'work' },
        { ...CUT_OFF, when: 'cut off' },
      ],
    },
    ONE_SLOT,
  );
  const first = await startLife(place.options);
  const id = String(await first.call('submit', 'work'));
  await heard(place, 'work');
  await first.kill();
  const second = await startLife(place.options);
  await heard(place, 'cut off');
  await second.kill();

  const pool = await openPool(place.options);
  const { attempts } = await pool.wait(id);

  expect(attempts).toBe(3);
});

interface CutOff {
  readonly place: House;
  readonly life: Life;
  readonly id: string;
}

async function running(prompt: string, options: PoolOptions = {}): Promise<CutOff> {
  const place = await house(RULES, { ...ONE_SLOT, ...options });
  const life = await startLife(place.options);
  const id = String(await life.call('submit', prompt));
  await heard(place, prompt);
  return { place, life, id };
}

async function cutOff(prompt: string, options: PoolOptions = {}): Promise<CutOff> {
  const run = await running(prompt, options);
  if (prompt === 'tools') await charged(run.place);
  await run.life.kill();
  return run;
}

/** The driver of the CLI, but that it cannot examine. */
function blind({ claude }: PoolOptions): ClaudeDriver {
  const driver = claudeDriver(claude);
  return { open: (...call) => driver.open(...call) };
}
