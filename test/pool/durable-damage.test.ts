import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import Database from 'libsql';
import { expect, onTestFinished, test } from 'vitest';
import type { Pool, PoolOptions } from 'claude-pool';
import { instantDriver } from '../bench/instant-driver.ts';
import { startLife } from './life.ts';
import { heard, house, openPool } from './lives.ts';

test('a damaged record of the pool is rebuilt from its events: no dollar is forgotten, nor whom slots are', async () => {
  const stateDir = await scratchDir();
  const first = await pooled({ stateDir, budgetUsd: 1 });
  first.configureSlot('slot-1', { name: 'ada', role: 'reviewer' });
  await Promise.all(['one', 'two', 'three'].map((prompt) => first.run(prompt)));
  await first.cancel(await first.submitWithReview('four'));
  const before = first.status();
  await first.drain();
  damagePool(stateDir);

  const second = await pooled({ stateDir, budgetUsd: 1 });

  expect(before.spendUsd).toBeGreaterThan(0);
  expect(second.status()).toEqual(before);
});

test('a pool that was damaged stays within the budget that its earlier life has spent of', async () => {
  const stateDir = await scratchDir();
  const first = await pooled({ stateDir, budgetUsd: 0.0001 });
  await first.run('spends it all');
  await first.drain();
  damagePool(stateDir);

  const second = await pooled({ stateDir, budgetUsd: 0.0001 });

  await expect(second.submit('too much')).rejects.toMatchObject({ code: 'BUDGET_EXCEEDED' });
});

test('an attempt that was cut off costs what was set aside for it, also where the record is damaged that says so', async () => {
  const rules = [{ when: 'work', answers: [{ silence: true }] }] as const;
  const place = await house({ rules }, { slots: 1, budgetUsd: 5, reservationUsd: 1 });
  const life = await startLife(place.options);
  const id = String(await life.call('submit', 'work'));
  await heard(place, 'work');
  await life.call('history');
  await life.kill();
  damagePool(place.stateDir);

  const pool = await openPool({ ...place.options, recovery: 'fail', driver: instantDriver() });

  expect(pool.task(id).spendUsd).toBe(1);
  expect(pool.status()).toMatchObject({ spendUsd: 1, estimatedUsd: 1, reservedUsd: 0 });
});

test('a chain whose task was torn between two lives fails with it, and nobody waits for ever', async () => {
  const place = await house({ rules: [{ when: 'hang', answers: [{ silence: true }] }] }, { slots: 1 });
  const life = await startLife(place.options);
  await life.call('submit', 'hang');
  await heard(place, 'hang');
  const id = String(await life.call('submitChain', [{ name: 'a', prompt: 'torn' }]));
  await life.kill();
  damage(place.stateDir, `UPDATE tasks SET data = '{' WHERE chain = '${id}'`);

  const pool = await openPool({ ...place.options, recovery: 'fail' });

  expect(await pool.waitChain(id)).toMatchObject({ state: 'failed', error: { code: 'STORE' } });
});

async function scratchDir(): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'pool-damage-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return path.join(folder, 'state');
}

async function pooled(options: PoolOptions): Promise<Pool> {
  return openPool({ slots: 2, driver: instantDriver(), ...options });
}

/** What a bad block leaves of the pool's own record. */
function damagePool(stateDir: string): void {
  damage(stateDir, 'UPDATE pool SET data = substr(data, 1, 20)');
}

function damage(stateDir: string, sql: string): void {
  const database = new Database(path.join(stateDir, 'pool.db'));
  database.exec(sql);
  database.close();
}
