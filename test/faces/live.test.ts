import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import { frame } from '../../src/cli/live/frame.ts';
import { newsLine } from '../../src/cli/live/news-line.ts';
import { exitCodeOfEnds } from '../../src/cli/work/exit-code-of-ends.ts';
import { requestsIn } from '../../src/cli/work/requests-in.ts';
import { createPool } from '../../src/index.ts';
import { gatedDriver } from '../pool/scripted-driver.ts';

const ESCAPE = String.fromCodePoint(27);

test('a frame has a line for each slot that has room, those at work first, and none is wider than the screen', async () => {
  const view = await viewOf(6);

  for (const columns of [20, 40, 60, 100, 200]) {
    const lines = stripVTControlCharacters(frame(view, { now: 6_500, columns, rows: 10 })).split('\n');

    expect(lines.filter((line) => line.length >= columns)).toEqual([]);
    expect(lines.map((line) => line.slice(0, 8).trim())).toEqual([
      'slot',
      'slot-0',
      'slot-1',
      'slot-2',
      'slot-5',
      '… and 2',
      '',
      '0 waitin',
    ]);
  }
});

test('a frame tells the task, its seconds, its cost and the end of its text, which cannot move the cursor', async () => {
  const view = await viewOf(6);

  const text = stripVTControlCharacters(frame(view, { now: 6_500, columns: 100, rows: 40 }));

  expect(text).toMatch(/slot-5 {3}busy {7}\[31mred title +5\.5s \$0\.0100 {2}.*the end$/m);
  expect(frame(view, { now: 0, columns: 100, rows: 40 })).not.toContain(`${ESCAPE}[31m`);
});

test('a line of news has the time, the change, the title and what went wrong', () => {
  const news = {
    at: 2_500,
    id: 'task-1',
    title: 'look\nhere',
    change: 'failed',
    slotId: 'slot-1',
    reason: 'no',
  };

  expect(newsLine(news, 1_000)).toBe('  1.50s  failed     look here            slot-1  no');
});

test('lines are prompts or JSON objects', () => {
  expect(requestsIn('one\r\n\n  {"prompt":"two","tags":["t"]}\n')).toEqual([
    { prompt: 'one' },
    { prompt: 'two', tags: ['t'] },
  ]);
});

for (const [text, told] of [
  ['', 'no line with text'],
  ['ok\n{"prompt"', 'Line 2: expected JSON'],
  ['{"prompt":7}', 'Line 1: expected an object with the text `prompt`'],
  ['{"text":"x"}', 'got `{"text":"x"}`'],
] as const) {
  test(`the lines ${JSON.stringify(text)} are wrong usage, before anything starts`, () => {
    expect(() => requestsIn(text)).toThrow(expect.objectContaining({ code: 'INVALID_OPTIONS' }));
    expect(() => requestsIn(text)).toThrow(told);
  });
}

test('many ends have one exit code: that of what went wrong, where it is the same', () => {
  const completed = { id: '1', state: 'completed', output: '' } as const;
  const review = { id: '2', state: 'pendingReview', output: '' } as const;
  const cancelled = { id: '3', state: 'cancelled', output: '' } as const;
  const dear = { ...completed, state: 'failed', error: { code: 'BUDGET_EXCEEDED', message: '' } } as const;

  expect(exitCodeOfEnds([])).toBe(0);
  expect(exitCodeOfEnds([completed])).toBe(0);
  expect(exitCodeOfEnds([completed, review])).toBe(5);
  expect(exitCodeOfEnds([cancelled, cancelled])).toBe(3);
  expect(exitCodeOfEnds([dear, completed])).toBe(4);
  expect(exitCodeOfEnds([dear, cancelled])).toBe(1);
});

/** A pool whose last slot is at work. */
async function viewOf(slots: number) {
  await using pool = await createPool({ driver: gatedDriver().driver, slots });
  const status = pool.status();
  const [first, ...others] = status.slots.toReversed();
  if (first === undefined) throw new Error('Expected a slot.');
  const busy = { ...first, state: 'busy', activeTasks: 1, taskId: 'task-1' } as const;
  const task = {
    title: `${ESCAPE}[31mred\ntitle`,
    startedAt: 1_000,
    spendUsd: 0.01,
    words: `${'word '.repeat(50)}${ESCAPE}[2J the end`,
  };
  return {
    status: { ...status, slots: [busy, ...others].toReversed() },
    running: { 'task-1': task },
  };
}
