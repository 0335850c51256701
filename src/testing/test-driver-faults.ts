import assert from 'node:assert/strict';
import { processesMarked } from './process-table.ts';
import type { Answer, Script } from './script.ts';
import { answerCost, usage } from './test-driver-price.ts';
import { openSession } from './test-driver-session.ts';
import type { DriverCase } from './test-driver-subject.ts';

const megabytes = 8 * 1024 * 1024;

const cases: readonly Omit<DriverCase, 'needs'>[] = [
  {
    title: 'a process that crashes before its result leaves its exit and its last words',
    async run(subject) {
      const fault = { crash: 'beforeResult', exitCode: 7, stderr: 'out of luck' } as const;
      await using opened = await openSession(subject, playing(fault));

      const report = await opened.run('play');
      const exit = await opened.session.exited;

      assert.deepEqual([report.evidence.exit?.code, report.evidence.result], [7, undefined]);
      assert.match(report.stderrTail ?? '', /out of luck/);
      assert.equal(exit.code, 7);
    },
  },
  {
    title: 'a process that crashes in the middle of its answer leaves what it has said and what that cost',
    async run(subject) {
      await using opened = await openSession(subject, playing({ crash: 'midStream' }));

      const report = await opened.run('play');

      assert.deepEqual([report.evidence.exit?.code, report.evidence.result], [1, undefined]);
      assert.equal(report.partialText, 'A part ');
      assert.ok(report.spend > 0 && report.spendEstimated);
    },
  },
  {
    title: 'a result counts although the process crashes after it',
    async run(subject) {
      const answers = [
        { crash: 'afterResult', exitCode: 3 },
        { text: 'done', usage },
      ] as const;
      await using opened = await openSession(subject, playing(...answers));

      const report = await opened.run('play');
      const exit = await opened.session.exited;

      assert.deepEqual([report.evidence.result?.text, report.evidence.result?.isError], ['done', false]);
      assert.deepEqual([report.spend, report.spendEstimated], [answerCost(subject), false]);
      assert.equal(exit.code, 3);
    },
  },
  {
    title: 'a process that hears nothing any more is told from one that waits, and close ends it',
    async run(subject) {
      await using opened = await openSession(subject, playing({ hang: 'beforeResult' }));

      const report = await opened.run({ prompt: 'play', silenceMs: 200 });
      await opened.session.close();

      assert.deepEqual([report.evidence.interruption, report.evidence.result], ['silence', undefined]);
      assert.deepEqual(await processesMarked(opened.slotId), []);
    },
  },
  {
    title: 'the limit of silence is that of the turn, not that of an earlier one',
    async run(subject) {
      await using opened = await openSession(subject, playing({ hang: 'beforeResult' }));

      const answered = await opened.run({ prompt: 'hello', silenceMs: 200 });
      const hung = await opened.run({ prompt: 'play', silenceMs: 60_000, timeoutMs: 2_500 });

      assert.equal(answered.evidence.result?.text, 'echo: hello');
      assert.deepEqual([hung.evidence.interruption, hung.evidence.result], ['timeout', undefined]);
    },
  },
  {
    title: 'a turn that is cancelled in a process that hears nothing comes to an end',
    async run(subject) {
      await using opened = await openSession(subject, playing({ hang: 'beforeResult' }));
      const stop = new AbortController();

      const report = await opened.run('play', {
        signal: stop.signal,
        onActivity: ({ type }) => type === 'sent' && stop.abort(),
      });

      assert.deepEqual([report.evidence.interruption, report.evidence.result], ['cancelled', undefined]);
    },
  },
  {
    title: 'a result counts although the process hangs after it, and close ends the process',
    async run(subject) {
      await using opened = await openSession(subject, playing({ hang: 'afterResult' }, { text: 'done' }));

      const report = await opened.run('play');
      await opened.session.close();

      assert.equal(report.evidence.result?.text, 'done');
      assert.deepEqual(await processesMarked(opened.slotId), []);
    },
  },
  {
    title: 'clear rejects in a process that hears nothing',
    async run(subject) {
      await using opened = await openSession(subject, playing({ hang: 'afterResult' }, { text: 'done' }));
      await opened.run('play');

      const clearing = opened.session.clear({ signal: AbortSignal.timeout(500) });

      await assert.rejects(clearing);
    },
  },
  {
    title: 'a malformed line is told and does no harm',
    async run(subject) {
      await using opened = await openSession(
        subject,
        playing({ malformedLine: 'not {json' }, { text: 'done' }),
      );
      const excerpts: string[] = [];

      const report = await opened.run('play', {
        onActivity: (activity) => activity.type === 'malformedLine' && excerpts.push(activity.excerpt),
      });

      assert.deepEqual(excerpts, ['not {json']);
      assert.equal(report.evidence.result?.text, 'done');
    },
  },
  {
    title: 'a line of eight megabytes does no harm',
    async run(subject) {
      await using opened = await openSession(
        subject,
        playing({ hugeLineBytes: megabytes }, { text: 'done' }),
      );

      const report = await opened.run('play');

      assert.equal(report.evidence.result?.text, 'done');
    },
  },
  {
    title: 'close ends what the process itself has started outside of its process group',
    async run(subject) {
      await using opened = await openSession(subject, playing({ grandchild: true }, { text: 'done' }));
      await opened.run('play');
      const before = await processesMarked(opened.slotId);

      await opened.session.close();

      assert.equal(before.length, 2);
      assert.deepEqual(await processesMarked(opened.slotId), []);
    },
  },
  {
    title: 'what a crashed process has left behind is gone when `exited` settles',
    async run(subject) {
      const answers = [{ grandchild: true }, { crash: 'beforeResult' }] as const;
      await using opened = await openSession(subject, playing(...answers));
      await opened.run('play');

      await opened.session.exited;

      assert.deepEqual(await processesMarked(opened.slotId), []);
    },
  },
  {
    title: 'a result with unknown words is handed on as it is',
    async run(subject) {
      const fields = { subtype: 'error_new', is_error: true, errors: ['odd'], terminal_reason: 'new' };
      await using opened = await openSession(subject, playing({ result: fields }));

      const { result } = (await opened.run('play')).evidence;

      assert.deepEqual(
        [result?.subtype, result?.isError, result?.errors, result?.terminalReason],
        ['error_new', true, ['odd'], 'new'],
      );
    },
  },
];

/** A process that misbehaves. */
export const faultCases: readonly DriverCase[] = cases.map((one) => ({ ...one, needs: 'cli' }));

function playing(...answers: readonly Answer[]): Script {
  return { rules: [{ when: 'play', answers }] };
}
