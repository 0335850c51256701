import { randomUUID } from 'node:crypto';
import { claudeDriver } from 'claude-pool';
import { fakeClaude, processesMarked } from 'claude-pool/testing';
import type { Script } from 'claude-pool/testing';
import { waitFor } from 'xstate';
import { expect, test } from 'vitest';
import { startRelease } from '../../docs/examples/own-machine.ts';

const PATIENCE = { timeout: 20_000 };

test('a machine of your own has its pool draft until a person accepts, and ends with it', async () => {
  const { driver, mark } = fake({ rules: [{ when: 'in verse', answers: [{ text: 'Roses are red.' }] }] });
  const release = startRelease(driver);
  await waitFor(release, (snapshot) => snapshot.matches({ open: 'reviewing' }), PATIENCE);

  release.send({ type: 'release.redraft', wish: 'Write in verse.' });
  await waitFor(release, ({ context }) => context.notes === 'Roses are red.', PATIENCE);
  release.send({ type: 'release.accept' });
  const end = await waitFor(release, ({ status }) => status === 'done', PATIENCE);

  expect([end.value, end.context.notes]).toEqual(['published', 'Roses are red.']);
  expect(await processesMarked(mark)).toEqual([]);
});

test('a release whose draft fails is abandoned, and leaves no process', async () => {
  const { driver, mark } = fake({ rules: [], otherwise: [{ status: 400 }] });
  const release = startRelease(driver);

  const end = await waitFor(release, ({ status }) => status === 'done', PATIENCE);

  expect([end.value, end.context.notes]).toEqual(['abandoned', '']);
  expect(await processesMarked(mark)).toEqual([]);
});

function fake(script: Script) {
  const mark = `EMBEDDING=${randomUUID()}`;
  const { env, ...claude } = fakeClaude({ script });
  const [name = '', value = ''] = mark.split('=');
  return { mark, driver: claudeDriver({ ...claude, env: { ...env, [name]: value } }) };
}
