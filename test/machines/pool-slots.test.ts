import { expect, test } from 'vitest';
import { openAs, poolStage } from './pool-stage.ts';

test('a slot that crashes recovers after its backoff and goes on', () => {
  const { submit, crash, running, slotState, clock } = poolStage();
  crash('slot-0');
  submit('a');
  const before = [slotState('slot-0'), running()];

  clock.increment(1_000);

  expect([before, running()]).toEqual([['recovering', []], ['a']]);
});

test('a task on a slot that crashes runs again, and what it asked for is not reserved twice', () => {
  const { submit, crash, task, running, floor, clock } = poolStage({ budgetMicros: 10_000_000 });
  submit('a', { capMicros: 1_000 });

  crash('slot-0');
  const before = [task('a'), floor().ledger.reserved];
  clock.increment(5_000);

  expect([before, running(), floor().ledger.reserved]).toEqual([['backingOff', 0], ['a'], 1_000]);
});

test('a task that is given to a slot in the moment that it dies runs when the slot is back', () => {
  const { submit, settle, crash, task, running, floor, clock } = poolStage({
    lastWords: 'a',
    budgetMicros: 100,
  });
  crash('slot-0');
  submit('a', { capMicros: 5 });
  submit('b', { capMicros: 5 });

  clock.increment(1_000);
  const before = [task('a'), task('b'), floor().ledger.reserved];
  clock.increment(2_000);
  const after = running();
  settle('b');

  expect([before, after]).toEqual([['completed', 'backingOff', 0], ['b']]);
  expect(floor().ledger).toMatchObject({ reserved: 0, settled: 3 });
});

test('a pool without a slot left fails whoever waits and whoever comes', () => {
  const { submit, crash, task, context, slotState, clock } = poolStage();
  submit('a');
  submit('b');

  crash('slot-0');
  clock.increment(1_000);
  crash('slot-0');
  clock.increment(2_000);
  crash('slot-0');
  clock.increment(60_000);
  submit('c');

  expect(slotState('slot-0')).toBe('failed');
  expect([task('a'), task('b'), task('c')]).toEqual(['failed', 'failed', 'failed']);
  expect(context('c')).toMatchObject({ reason: { code: 'NO_SLOTS_AVAILABLE' } });
});

test('a pool whose only slot cannot start is open and has no slot', () => {
  const { submit, task, context, value } = poolStage({ refusal: () => 'CLAUDE_NOT_FOUND' });

  submit('a');

  expect([value(), task('a')]).toEqual([openAs('clear'), 'failed']);
  expect(context('a')?.reason?.message).toBe(
    'No slot is left that could run the task. No: CLAUDE_NOT_FOUND.',
  );
});

test('a process is replaced for a task with settings of its own, and again for the next', () => {
  const launches: unknown[] = [];
  const { submit, settle, running } = poolStage({
    refusal({ cwd }) {
      launches.push(cwd);
      return undefined;
    },
  });

  submit('a', { settings: { cwd: '/b' } });
  const first = running();
  settle('a');
  submit('b');

  expect([first, running(), launches]).toEqual([['a'], ['b'], [undefined, '/b', undefined]]);
});

for (const code of ['TIMEOUT', 'CLAUDE_PROTOCOL', 'INVALID_OPTIONS']) {
  test(`a task whose own settings keep its session from opening (${code}) fails, and the slot goes on`, () => {
    const { submit, running, task, slotState, clock } = poolStage({
      refusal: ({ cwd }) => (cwd === '/b' ? code : undefined),
    });

    submit('a', { settings: { cwd: '/b' } });
    clock.increment(60_000);
    clock.increment(60_000);
    submit('b');

    expect([task('a'), running(), slotState('slot-0')]).toEqual(['failed', ['b'], 'busy']);
  });
}

test('a task whose own settings keep its process from opening is tried as often as it may be, and no oftener', () => {
  const { submit, task, context, slotState, clock, running } = poolStage({
    refusal: ({ tools }) => (tools === undefined ? undefined : 'CRASHED'),
  });
  submit('odd', { settings: { tools: ['Nonsense'] } });

  for (let wait = 0; wait < 9; wait += 1) clock.increment(600_000);
  submit('plain');

  expect([task('odd'), context('odd')?.attempts]).toEqual(['failed', 2]);
  expect([slotState('slot-0'), running()]).toEqual(['busy', ['plain']]);
});

test('a pool that is scaled starts slots, uses ids again, and lets a busy one end its task', () => {
  const { submit, settle, running, floor, actor, task } = poolStage();
  const scale = (slots: number): void => actor.send({ type: 'pool.scale', slots, at: 0 });
  submit('a');
  submit('b');

  scale(2);
  const grown = running();
  scale(1);
  const shrunk = floor().seats.map(({ slotId, state }) => [slotId, state]);
  settle('a');
  settle('b');
  scale(2);

  expect(grown).toEqual(['a', 'b']);
  expect(shrunk).toEqual([
    ['slot-0', 'retiring'],
    ['slot-1', 'busy'],
  ]);
  expect([task('a'), floor().seats.map(({ slotId, state }) => [slotId, state])]).toEqual([
    'completed',
    [
      ['slot-1', 'idle'],
      ['slot-0', 'idle'],
    ],
  ]);
});

test('a pool that follows its work grows with the queue and shrinks when it has been idle', () => {
  const rules = { maxPendingReview: Infinity, breakAfter: 0, autoscale: { min: 1, max: 3, idleMs: 9_000 } };
  const { submit, settle, running, floor, clock } = poolStage({ rules });
  const ids = ['a', 'b', 'c', 'd'];
  for (const id of ids) submit(id);
  const grown = running();

  for (const id of ids) settle(id);
  clock.increment(8_999);
  const early = floor().seats.length;
  clock.increment(1);

  expect([grown, early, floor().seats.length]).toEqual([['a', 'b', 'c'], 3, 1]);
});
