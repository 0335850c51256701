import { once } from 'node:events';
import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { signalWithin } from '../../src/workspaces/signal-within.ts';
import { collectGarbage } from './collect-garbage.ts';

test('the end of the time is told, whatever garbage is collected meanwhile', async () => {
  const { signal } = new AbortController();

  const over = once(signalWithin(100, signal), 'abort');
  await setImmediate();
  collectGarbage();

  expect(await over).toEqual([expect.objectContaining({ type: 'abort' })]);
});
