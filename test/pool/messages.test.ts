import { expect, test } from 'vitest';
import { EMPTY, fakeWitness, HANG, idleSlots, realWitness } from './witness.ts';

test('messages stand before the next task of their slot, each with its sender, and are gone then', async () => {
  await using stage = await fakeWitness(EMPTY, { slots: 2 });
  const { pool } = stage;
  pool.sendMessage('slot-1', 'slot-0', 'The tests are red.');
  pool.sendMessage('you', 'slot-0', 'Look at main.ts.');

  await pool.run('other', { slot: { id: 'slot-1' } });
  await pool.run('first', { slot: { id: 'slot-0' } });
  await pool.run('second', { slot: { id: 'slot-0' } });

  expect(stage.prompts().map(({ prompt }) => prompt)).toEqual([
    'other',
    '# Messages for you\n\nFrom slot-1:\nThe tests are red.\n\nFrom you:\nLook at main.ts.\n\n---\n\nfirst',
    'second',
  ]);
  expect(pool.peekMessages('slot-0')).toEqual([]);
});

test('a message reaches the API with the prompt, on the real CLI', async () => {
  await using stage = await realWitness(EMPTY, { slots: 1, model: 'claude-haiku-4-5' });
  stage.pool.sendMessage('you', 'slot-0', '/clear is not a command here.');

  await stage.pool.run('hello');

  expect(stage.api.requests.map(({ prompt }) => prompt)).toEqual([
    '# Messages for you\n\nFrom you:\n/clear is not a command here.\n\n---\n\nhello',
  ]);
});

test('a message stays with its slot until a task has succeeded with it', async () => {
  await using stage = await fakeWitness(
    { rules: [{ when: 'bad', answers: [{ status: 400 }] }] },
    { slots: 1, retries: 0 },
  );
  const { pool } = stage;
  pool.sendMessage('you', 'slot-0', 'Mind the gap.');

  await pool.run('bad').catch(() => undefined);
  const kept = pool.peekMessages('slot-0').map(({ text }) => text);
  const { output } = await pool.run('good');

  expect(kept).toEqual(['Mind the gap.']);
  expect(output).toContain('Mind the gap.');
  expect(pool.status().slots[0]).toMatchObject({ messages: 0 });
});

test('what a slot that is scaled away had not been told is told with its end', async () => {
  await using stage = await fakeWitness(EMPTY, { slots: [{ name: 'ada' }, {}] });
  const { pool } = stage;
  await idleSlots(pool, 2);
  pool.sendMessage('you', 'slot-1', 'Mind the gap.');
  const [message] = pool.peekMessages('slot-1');

  pool.scaleDown(1);
  const end = await stage.event(({ type }) => type === 'slot.stopped');
  await pool.drain();

  expect(end).toMatchObject({ slotId: 'slot-1', undelivered: [message] });
  expect(stage.events.flatMap((event) => ('undelivered' in event ? [event] : []))).toEqual([end]);
});

test('a message outlives the process of its slot', async () => {
  await using stage = await fakeWitness(
    { rules: [{ when: 'fatal', times: 1, answers: [{ crash: 'midStream' }] }] },
    { slots: 1 },
  );
  const { pool } = stage;
  pool.sendMessage('you', 'slot-0', 'Mind the gap.');

  const { output, attempts } = await pool.run('fatal');

  expect(attempts).toBe(2);
  expect(output).toContain('Mind the gap.');
});

test('a message that comes while its slot is busy waits for the task after', async () => {
  await using stage = await fakeWitness({ rules: [HANG] }, { slots: 1 });
  const { pool } = stage;
  const id = await pool.submit('hang');
  await stage.event(({ type }) => type === 'slot.busy');

  const message = pool.sendMessage('you', 'slot-0', 'Mind the gap.');
  await pool.cancel(id);
  const waiting = pool.peekMessages('slot-0').map((each) => each.id);
  const { output } = await pool.run('next');

  expect(waiting).toEqual([message]);
  expect(output).toContain('Mind the gap.');
});

test('peeking leaves messages where they are, reading takes them', async () => {
  await using stage = await fakeWitness(EMPTY, { slots: 1 });
  const { pool } = stage;
  const id = pool.sendMessage('you', 'slot-0', 'Mind the gap.');

  const looks = [pool.peekMessages('slot-0'), pool.readMessages('slot-0'), pool.readMessages('slot-0')];
  const { output } = await pool.run('next');

  const message = { id, from: 'you', to: 'slot-0', text: 'Mind the gap.', at: expect.any(Number) };
  expect(looks).toEqual([[message], [message], []]);
  expect(output).toBe('echo: next');
});

test('a broadcast reaches every slot but its sender', async () => {
  await using stage = await fakeWitness(EMPTY, { slots: 3 });
  const { pool } = stage;

  const ids = pool.broadcastMessage('slot-1', 'Stop.');

  const inboxes = ['slot-0', 'slot-1', 'slot-2'].map((slot) => pool.peekMessages(slot).map(({ id }) => id));
  expect(inboxes).toEqual([[ids[0]], [], [ids[1]]]);
  expect(new Set(ids).size).toBe(2);
});

test('a hundred messages wait for a slot and not one more, and a broadcast is for all or for none', async () => {
  await using stage = await fakeWitness(EMPTY, { slots: 2 });
  const { pool } = stage;
  for (let count = 0; count < 100; count += 1) pool.sendMessage('you', 'slot-1', `Note ${count}.`);

  const refused = { code: 'INVALID_STATE', message: expect.stringContaining('an inbox of 100') };
  expect(() => pool.sendMessage('you', 'slot-1', 'One more.')).toThrow(expect.objectContaining(refused));
  expect(() => pool.broadcastMessage('you', 'One more.')).toThrow(expect.objectContaining(refused));
  expect([pool.peekMessages('slot-0').length, pool.peekMessages('slot-1').length]).toEqual([0, 100]);
});

test('a slot that is not there gets no message and has none', async () => {
  await using stage = await fakeWitness(EMPTY, { slots: 1 });
  const { pool } = stage;

  const missing = expect.objectContaining({ code: 'SLOT_NOT_FOUND' });
  expect(() => pool.sendMessage('you', 'slot-7', 'Hello.')).toThrow(missing);
  expect(() => pool.readMessages('slot-7')).toThrow(missing);
  expect(() => pool.peekMessages('slot-7')).toThrow(missing);
  expect(() => pool.sendMessage('you', 'slot-0', '')).toThrow(
    expect.objectContaining({ code: 'INVALID_OPTIONS' }),
  );
});

test('a slot that will have no other task is told nothing', async () => {
  await using stage = await fakeWitness({ rules: [HANG] }, { slots: [{}, { name: 'ada' }] });
  const { pool } = stage;
  await idleSlots(pool, 2);
  await pool.submit('hang', { slot: { id: 'slot-0' } });
  await pool.submit('hang', { slot: { id: 'slot-1' } });
  await stage.event((event) => event.type === 'slot.busy' && event.slotId === 'slot-1');
  pool.scaleDown(1);

  const ids = pool.broadcastMessage('you', 'Stop.');

  expect(ids).toHaveLength(1);
  expect(pool.peekMessages('slot-1').map(({ id }) => id)).toEqual(ids);
  expect(() => pool.sendMessage('you', 'slot-0', 'Hello.')).toThrow(
    expect.objectContaining({
      code: 'SLOT_NOT_FOUND',
      message:
        'Expected the id of a slot that will run another task, got `slot-0`, whose state is busy and will not be idle again.',
    }),
  );
});
