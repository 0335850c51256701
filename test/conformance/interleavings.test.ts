import { expect, test } from 'vitest';
import { interleavings } from './interleaved-pool.ts';
import type { Law } from './interleaved-pool.ts';
import { assertReplayable, replayFrom } from './replayed.ts';

test('whatever is done to a pool in whatever order, and settles in whatever order, its invariants hold', async () => {
  const replay = replayFrom(process.env['POOL_REPLAY']);
  const checked = assertReplayable(interleavings(replay), {
    numRuns: 30,
    interruptAfterTimeLimit: 15_000,
    ...replay,
  });

  await expect(checked).resolves.toBeUndefined();
});

test('an invariant that is broken on purpose shrinks to what breaks it, and its replay line breaks it at once', async () => {
  const failure = await messageOf(assertReplayable(interleavings(undefined, noTask), { seed: 1 }));
  const replay = replayFrom(/POOL_REPLAY='([^']*)'/.exec(failure)?.[1]);

  const again = await messageOf(
    assertReplayable(interleavings(replay, noTask), { ...replay, endOnFailure: true }),
  );

  expect(failure).toMatch(/Counterexample: \[submit\w*\(0, 0\) /);
  expect(again).toMatch(/failed after 1 test/);
});

/** A law that the first task breaks. */
const noTask: Law = (pool) => pool.tasks().map(({ id }) => `${id} was accepted`);

function messageOf(checked: Promise<void>): Promise<string> {
  return checked.then(() => 'passed', String);
}
