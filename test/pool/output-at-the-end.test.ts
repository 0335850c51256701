import { createPool } from 'claude-pool';
import { expect, test } from 'vitest';
import { instantDriver } from '../bench/instant-driver.ts';

test('who reads the text of a task that waits for review is told of the end by the drain of its pool', async () => {
  await using pool = await createPool({ slots: 1, driver: instantDriver() });
  const id = await pool.submitWithReview('hello');
  const early = textOf(pool.output(id));

  await pool.drain();
  const late = textOf(pool.output(id));

  expect([await early, await late]).toEqual(['', 'done']);
}, 5_000);

async function textOf(pieces: AsyncIterable<string>): Promise<string> {
  let text = '';
  for await (const piece of pieces) text += piece;
  return text;
}
