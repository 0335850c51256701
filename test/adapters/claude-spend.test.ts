import { expect, test } from 'vitest';
import { estimateUsd } from '../../src/claude/estimate-usd.ts';
import { EMPTY_TALLY, openMessages, tally } from '../../src/claude/message-tally.ts';
import { parseLine } from '../../src/claude/protocol.ts';
import type { Line } from '../../src/claude/protocol.ts';
import { totalsIn, totalsRequest } from '../../src/claude/read-totals.ts';
import {
  bookEstimate,
  bookResult,
  openMeter,
  settle,
  unsettledMicros,
} from '../../src/claude/spend-meter.ts';
import type { SpendMeter } from '../../src/claude/spend-meter.ts';

const OLD = 'claude-opus-4-8[1m]';
const NEW = 'claude-opus-5-5';

test('2.1.197: the total grows for the life of the process, and each turn gets its share', () => {
  const spends = settleEach([
    { uuid: 'a', total_cost_usd: 0.0175 },
    { uuid: 'b', total_cost_usd: 0.04125 },
    { uuid: 'clear', total_cost_usd: 0.04125, num_turns: 0 },
    { uuid: 'c', total_cost_usd: 0.05875 },
  ]);

  expect(spends).toEqual([17_500, 23_750, 0, 17_500]);
});

test('2.1.330: the total restarts with `/clear`, and what is new is told', () => {
  const spends = settleEach([
    { uuid: 'a', total_cost_usd: 0.014, model_usage_since_last_result: billed(NEW, 0.014) },
    { uuid: 'b', total_cost_usd: 0.033, model_usage_since_last_result: billed(NEW, 0.019) },
    { uuid: 'clear', total_cost_usd: 0, model_usage_since_last_result: {} },
    { uuid: 'c', total_cost_usd: 0.014, model_usage_since_last_result: billed(NEW, 0.014) },
  ]);

  expect(spends).toEqual([14_000, 19_000, 0, 14_000]);
});

test('between the two: the total restarts with `/clear`, and nothing else is told', () => {
  const spends = settleEach([
    { uuid: 'a', total_cost_usd: 0.014 },
    { uuid: 'clear', total_cost_usd: 0 },
    { uuid: 'b', total_cost_usd: 0.007 },
    { uuid: 'restarted', total_cost_usd: 0.002 },
  ]);

  expect(spends).toEqual([14_000, 0, 7_000, 2_000]);
});

test('a result that comes twice is booked once', () => {
  const spends = settleEach([
    { uuid: 'a', total_cost_usd: 0.014, model_usage_since_last_result: billed(NEW, 0.014) },
    { uuid: 'a', total_cost_usd: 0.014, model_usage_since_last_result: billed(NEW, 0.014) },
  ]);

  expect(spends).toEqual([14_000, 0]);
});

test('a continued conversation does not bring its old spend along', () => {
  const meter = openMeter({ totalUsd: 1.25, models: {} });

  expect(settle(bookResult(meter, result({ uuid: 'a', total_cost_usd: 1.5 }))).settlement.spend).toBe(
    250_000,
  );
});

test('no fraction of a micro-dollar is lost: the settlements add up to the rounded total', () => {
  const share = 0.000_000_4;
  const spends = settleEach(
    Array.from({ length: 10 }, (_, index) => ({ uuid: `${index}`, total_cost_usd: share * (index + 1) })),
  );

  expect(spends.reduce((sum, spend) => sum + spend, 0)).toBe(4);
});

test('spend of a turn that the CLI began itself is settled with the next one', () => {
  const first = bookResult(openMeter(), result({ uuid: 'a', total_cost_usd: 0.01 }));
  const own = settle(first);
  const spontaneous = bookResult(
    own.meter,
    result({ uuid: 'b', total_cost_usd: 0.03, origin: { kind: 'task-notification' } }),
  );

  expect([own.settlement.spend, settle(spontaneous).settlement.spend]).toEqual([10_000, 20_000]);
});

test('the running total counts before its result comes', () => {
  const meter = settle(bookResult(openMeter(), result({ uuid: 'a', total_cost_usd: 0.01 }))).meter;

  expect([unsettledMicros(meter), unsettledMicros(meter, 0.015)]).toEqual([0, 5_000]);
});

test('an estimate is marked, once', () => {
  const estimated = settle(
    bookEstimate(openMeter(), 0.005, { input: 1, output: 2, cacheRead: 3, cacheWrite: 4 }),
  );

  expect([estimated.settlement, settle(estimated.meter).settlement]).toEqual([
    {
      spend: 5_000,
      spendEstimated: true,
      tokensUsed: { input: 1, output: 2, cacheRead: 3, cacheWrite: 4 },
    },
    { spend: 0, spendEstimated: false, tokensUsed: { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 } },
  ]);
});

test('tokens are those of all models of the turn, from totals that grow', () => {
  const first = settle(bookResult(openMeter(), result({ uuid: 'a', modelUsage: used(OLD, 1000, 500) })));
  const second = settle(
    bookResult(
      first.meter,
      result({ uuid: 'b', modelUsage: { ...used(OLD, 3000, 1050), ...used('claude-haiku-4-5', 7, 1) } }),
    ),
  );

  expect([first.settlement.tokensUsed, second.settlement.tokensUsed]).toEqual([
    { input: 1000, output: 500, cacheRead: 0, cacheWrite: 0 },
    { input: 2007, output: 551, cacheRead: 0, cacheWrite: 0 },
  ]);
});

test('the price of a model is what its bills imply', () => {
  const bills = {
    [OLD]: { tokens: { input: 1000, output: 100, cacheRead: 0, cacheWrite: 0 }, costUsd: 0.0075 },
  };

  expect(
    estimateUsd({ input: 2000, output: 0, cacheRead: 0, cacheWrite: 0 }, 'claude-opus-4-8', bills),
  ).toBeCloseTo(0.01);
});

test('the price of a model without bills is its list price', () => {
  const tokens = { input: 1_000_000, output: 0, cacheRead: 0, cacheWrite: 0 };

  expect(estimateUsd(tokens, 'claude-sonnet-5', {})).toBeCloseTo(3);
});

test('an answer that is cut short is guessed from what was streamed', () => {
  const seen = [started(), grown('x'.repeat(40)), ended(20), started(), grown('y'.repeat(10))].reduce(
    tally,
    EMPTY_TALLY,
  );

  expect({ ended: seen.ended, open: openMessages(seen) }).toEqual({
    ended: [{ model: NEW, tokens: { input: 1000, output: 20, cacheRead: 0, cacheWrite: 0 } }],
    open: [{ model: NEW, tokens: { input: 1000, output: 3, cacheRead: 0, cacheWrite: 0 } }],
  });
});

test('the running total is asked for without the network, also for a subscription', () => {
  const accounts = [
    { tokenSource: 'none', apiKeySource: 'x' },
    {},
    { tokenSource: 'CLAUDE_CODE_OAUTH_TOKEN' },
  ];

  expect(accounts.map((account) => totalsRequest(account).subtype)).toEqual([
    'get_usage',
    'get_usage',
    'get_session_cost',
  ]);
});

test('the running total is read from both answers', () => {
  const texts = ['Total cost:            $0.0105\nTotal duration: 0s', 'Estimated cost:        $12.35\n'];

  expect(texts.map((text) => totalsIn({ text })?.totalUsd)).toEqual([0.0105, 12.35]);
  expect(totalsIn({ session: { total_cost_usd: 1.5, model_usage: {} } })?.totalUsd).toBe(1.5);
  expect(totalsIn({ text: 'no idea' })).toBeUndefined();
});

function settleEach(results: readonly object[]): number[] {
  const spends: number[] = [];
  results.reduce<SpendMeter>((meter, fields) => {
    const settled = settle(bookResult(meter, result(fields)));
    spends.push(settled.settlement.spend);
    return settled.meter;
  }, openMeter());
  return spends;
}

function result(fields: object) {
  const line = parseLine(JSON.stringify({ type: 'result', subtype: 'success', ...fields }));
  if (line.type !== 'result') throw new Error(`Expected a result, got ${line.type}.`);
  return line;
}

function billed(model: string, costUSD: number): object {
  return { [model]: { inputTokens: 1, outputTokens: 1, costUSD } };
}

function used(model: string, inputTokens: number, outputTokens: number): object {
  return {
    [model]: { inputTokens, outputTokens, cacheReadInputTokens: 0, cacheCreationInputTokens: 0, costUSD: 0 },
  };
}

function streamed(event: object): Line {
  return parseLine(JSON.stringify({ type: 'stream_event', event, parent_tool_use_id: null }));
}

function started(): Line {
  const usage = { input_tokens: 1000, output_tokens: 1 };
  return streamed({ type: 'message_start', message: { id: 'm', model: NEW, usage } });
}

function grown(text: string): Line {
  return streamed({ type: 'content_block_delta', delta: { type: 'text_delta', text } });
}

function ended(outputTokens: number): Line {
  return streamed({ type: 'message_delta', usage: { output_tokens: outputTokens } });
}
