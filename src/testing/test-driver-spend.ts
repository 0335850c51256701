import assert from 'node:assert/strict';
import type { Message, Script } from './script.ts';
import { answerCost, usage } from './test-driver-price.ts';
import { openSession } from './test-driver-session.ts';
import type { DriverCase } from './test-driver-subject.ts';

/** A subscription's running total is read to a hundredth of a cent. */
const resolution = 100;

const tool: Message = { toolUse: { name: 'Bash', input: { command: 'true' } }, usage };
const priced: Script = {
  rules: [
    { when: 'two requests', answers: [tool, { text: 'done', usage }] },
    { when: 'for ever', answers: [{ ...tool, delayMs: 400 }] },
    { when: 'slowly', answers: [{ text: ['A piece ', 'and another'], pieceDelayMs: 600_000, usage }] },
  ],
  otherwise: [{ echo: true, usage }],
};

/** Money: booked once, at once, and to the micro-dollar. */
export const spendCases: readonly DriverCase[] = [
  {
    title: 'spend and tokens of every turn are booked once, to the micro-dollar, also across clear',
    async run(subject) {
      const cost = answerCost(subject);
      await using opened = await openSession(subject, priced);

      const reports = [await opened.run('one'), await opened.run('two requests'), await opened.run('three')];
      await opened.session.clear({ signal: AbortSignal.timeout(10_000) });
      reports.push(await opened.run('four'), await opened.run('five'));

      assert.deepEqual(
        reports.map(({ spend }) => spend),
        [cost, 2 * cost, cost, cost, cost],
      );
      assert.deepEqual(new Set(reports.map(({ spendEstimated }) => spendEstimated)), new Set([false]));
      const tokens = { input: 1000, output: 50, cacheRead: 300, cacheWrite: 200 };
      assert.deepEqual(
        reports.map(({ tokensUsed }) => tokensUsed),
        [tokens, { input: 2000, output: 100, cacheRead: 600, cacheWrite: 400 }, tokens, tokens, tokens],
      );
    },
  },
  {
    title: 'a conversation is as large as the last answer of the turn says',
    async run(subject) {
      const used = { inputTokens: 10, outputTokens: 70, cacheReadTokens: 2000, cacheWriteTokens: 500 };
      const rules = [
        { when: 'grow', answers: [tool, { text: 'done', usage: used }] },
        { when: 'fail', answers: [{ status: 400 as const }] },
      ];
      await using opened = await openSession(subject, { ...priced, rules });

      const reports = [await opened.run('one'), await opened.run('grow'), await opened.run('fail')];

      assert.deepEqual(
        reports.map(({ contextTokens }) => contextTokens),
        [1550, 2580, undefined],
      );
    },
  },
  {
    title: 'a turn with a model of its own has its price, and the next turn has the old model again',
    async run(subject) {
      await using opened = await openSession(subject, priced);
      await opened.run('zero');

      const one = await opened.run({ prompt: 'one', model: 'claude-haiku-4-5' });
      const two = await opened.run('two');

      assert.deepEqual(
        [one.model, one.spend],
        ['claude-haiku-4-5', answerCost(subject, usage, 'claude-haiku-4-5')],
      );
      assert.deepEqual([two.model, two.spend], ['claude-sonnet-5', answerCost(subject)]);
    },
  },
  ...(['apiKey', 'subscription'] as const).map((account): DriverCase => ({
    title: `a turn (${account}) is interrupted when its spend passes its cap, at most one request later`,
    async run(subject) {
      const cost = answerCost(subject);
      await using opened = await openSession(subject, priced, { account });
      const told: number[] = [];

      const report = await opened.run(
        { prompt: 'for ever', capMicros: 2.5 * cost },
        { onSpend: (spend) => told.push(spend) },
      );

      assert.equal(report.evidence.interruption, 'budget');
      assert.ok([3 * cost, 4 * cost].includes(report.spend), `${report.spend} of ${cost}`);
      const atMost = told.filter((spend) => spend <= report.spend + resolution);
      assert.deepEqual(atMost, told);
      assert.ok(
        told.some((spend) => spend > 2.5 * cost),
        `${told.join()} of ${cost}`,
      );
    },
  })),
  {
    title: 'a turn within its cap is left alone',
    async run(subject) {
      await using opened = await openSession(subject, priced);

      const report = await opened.run({ prompt: 'two requests', capMicros: 3 * answerCost(subject) });

      assert.deepEqual([report.evidence.interruption, report.evidence.result?.text], [undefined, 'done']);
    },
  },
  {
    title: 'what an interrupted answer has cost is counted in its turn and not in the next',
    async run(subject) {
      await using opened = await openSession(subject, priced);
      const stop = new AbortController();

      const cut = await opened.run('slowly', { signal: stop.signal, onText: () => stop.abort() });
      await opened.session.clear({ signal: AbortSignal.timeout(10_000) });
      const next = await opened.run('next');

      const atLeast = answerCost(subject, { ...usage, outputTokens: 0 });
      assert.ok(cut.spend >= atLeast && cut.spend <= answerCost(subject), `${cut.spend} of ${atLeast}`);
      assert.ok(subject.version !== '2.1.197' || cut.spendEstimated);
      assert.deepEqual([next.spend, next.spendEstimated], [answerCost(subject), false]);
    },
  },
];
