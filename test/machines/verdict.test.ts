import { expect, test } from 'vitest';
import { UNKNOWN_ROW, VERDICT_ROWS } from '../../machines/verdict-rows.ts';
import { verdictOf, VERDICTS } from '../../machines/verdict.ts';
import { ANSWER, OUT_OF_TURNS } from './attempt.ts';
import { VERDICT_CASES } from './verdict-cases.ts';

/** Every terminal reason that version 2.1.330 of the CLI knows, and what an answer with it is. */
const TERMINAL_REASONS = {
  completed: 'succeeded',
  blocking_limit: 'contextOverflow',
  rapid_refill_breaker: 'contextOverflow',
  prompt_too_long: 'contextOverflow',
  image_error: 'incomplete',
  model_error: 'incomplete',
  api_error: 'incomplete',
  malformed_tool_use_exhausted: 'incomplete',
  aborted_streaming: 'incomplete',
  aborted_tools: 'incomplete',
  stop_hook_prevented: 'incomplete',
  hook_stopped: 'incomplete',
  tool_deferred: 'incomplete',
  max_turns: 'maxTurns',
  background_requested: 'incomplete',
  budget_exhausted: 'budget',
  structured_output_retry_exhausted: 'incomplete',
  tool_deferred_unavailable: 'incomplete',
  turn_setup_failed: 'incomplete',
  '': 'incomplete',
  'a reason of tomorrow': 'incomplete',
} as const;

test.each(VERDICT_CASES)('$seen is $verdict, by the row `$row`', ({ evidence, row, verdict }) => {
  const decisive = VERDICT_ROWS.find(({ when }) => when(evidence));

  const { name, reason, ...meaning } = verdictOf(evidence);

  expect({ row: decisive?.id, name }).toEqual({ row, name: verdict });
  expect(reason.startsWith(decisive?.reason ?? 'no row')).toBe(true);
  expect(meaning).toEqual({ ...VERDICTS[name], ...decisive?.except });
});

test('every row of the table has a case of its own', () => {
  const tested = new Set(VERDICT_CASES.map(({ row }) => row));

  expect(VERDICT_ROWS.map(({ id }) => id).filter((id) => !tested.has(id))).toEqual([]);
});

test('no two rows have the same name, and the last one takes what no other knows', () => {
  const ids = VERDICT_ROWS.map(({ id }) => id);

  expect([...new Set(ids)]).toEqual(ids);
  expect(VERDICT_ROWS.at(-1)).toBe(UNKNOWN_ROW);
});

test.each(Object.entries(TERMINAL_REASONS))(
  'an answer with the terminal reason `%s` is %s',
  (terminalReason, verdict) => {
    expect(verdictOf({ result: { ...ANSWER, terminalReason } }).name).toBe(verdict);
  },
);

test('no error is a success, whatever its terminal reason', () => {
  const verdicts = Object.keys(TERMINAL_REASONS).map((terminalReason) =>
    verdictOf({ result: { ...ANSWER, isError: true, terminalReason }, exit: { code: 0 } }),
  );

  expect(verdicts.filter(({ ok }) => ok)).toEqual([]);
});

test('nothing but an answer is a success, whatever the exit code', () => {
  const errors = VERDICT_CASES.filter(
    ({ evidence }) => evidence.result?.subtype !== 'success' || evidence.result.isError,
  );

  const successes = errors.filter(({ evidence }) => verdictOf({ ...evidence, exit: { code: 0 } }).ok);

  expect(errors.length).toBeGreaterThan(40);
  expect(successes).toEqual([]);
});

test('an attempt whose prompt was never sent does not count', () => {
  expect(verdictOf({ openError: { code: 'CRASHED', message: 'Gone.' } })).toMatchObject({
    name: 'crashed',
    retry: true,
    counts: false,
  });
});

test('what a hook has stopped is not tried again: the hook would stop it again', () => {
  expect(verdictOf({ result: { ...ANSWER, terminalReason: 'hook_stopped' } })).toMatchObject({
    name: 'incomplete',
    retry: false,
    move: 'operator',
  });
});

test('a usage limit tells when it is lifted', () => {
  expect(verdictOf({ interruption: 'rateLimited', resetsAt: 1_700 })).toEqual({
    name: 'rateLimited',
    ok: false,
    retry: true,
    counts: false,
    move: 'pool',
    reason: 'The API answered with a usage limit.',
    resetsAt: 1_700,
  });
});

test('a reason quotes what the CLI said, in at most 500 characters', () => {
  const long = { ...ANSWER, isError: true, text: 'x'.repeat(9_000) };

  expect(verdictOf(OUT_OF_TURNS).reason).toBe(
    'The task used up its turns. (Reached maximum number of turns (2))',
  );
  expect(verdictOf({ exit: { code: 1 } }).reason).toBe('The process ended without a result. (exit code 1)');
  expect(verdictOf({ exit: { signal: 'SIGTERM' } }).reason).toBe(
    'The process ended without a result. (signal SIGTERM)',
  );
  expect(verdictOf({ result: long }).reason.length).toBeLessThan(600);
});
