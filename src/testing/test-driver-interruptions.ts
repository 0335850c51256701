import assert from 'node:assert/strict';
import { processesMarked } from './process-table.ts';
import type { Answer, Script } from './script.ts';
import { openLifeline } from './test-driver-lifeline.ts';
import { openSession } from './test-driver-session.ts';
import type { TestedSession } from './test-driver-session.ts';
import type { DriverCase } from './test-driver-subject.ts';

const longMs = 600_000;

/** Turns that do not come to their own end. */
export const interruptionCases: readonly DriverCase[] = [
  {
    title: 'a turn is cancelled before its first byte',
    async run(subject) {
      await using opened = await openSession(subject, answering({ silence: true }));
      const stop = new AbortController();

      const report = await opened.run('wait', {
        signal: stop.signal,
        onActivity: ({ type }) => type === 'sent' && stop.abort(),
      });

      assert.equal(report.evidence.interruption, 'cancelled');
      await assertUsable(opened);
    },
  },
  {
    title: 'a turn is cancelled in the middle of its answer',
    async run(subject) {
      await using opened = await openSession(
        subject,
        answering({ text: ['One ', 'two'], pieceDelayMs: longMs }),
      );
      const stop = new AbortController();
      const heard: string[] = [];

      const report = await opened.run('wait', {
        signal: stop.signal,
        onText(piece) {
          heard.push(piece);
          stop.abort();
        },
      });

      assert.equal(report.evidence.interruption, 'cancelled');
      assert.deepEqual(heard, ['One ']);
      await assertUsable(opened);
    },
  },
  {
    title: 'a turn that is cancelled while a command runs ends the command with its children',
    async run(subject) {
      await using lifeline = await openLifeline();
      const command = lifeline.holding('tail -f /dev/null | cat');
      await using opened = await openSession(
        subject,
        answering({ toolUse: { name: 'Bash', input: { command } } }),
      );
      const stop = new AbortController();

      const running = opened.run('wait', { signal: stop.signal });
      await lifeline.held;
      stop.abort();
      const report = await running;
      await lifeline.released;

      assert.equal(report.evidence.interruption, 'cancelled');
      await assertUsable(opened);
      assert.deepEqual(await processesMarked(opened.slotId), [opened.session.pid]);
    },
  },
  {
    title: 'a turn whose signal was aborted before it began spends nothing',
    async run(subject) {
      await using opened = await openSession(subject, answering({ text: 'too late' }));

      const report = await opened.run('wait', { signal: AbortSignal.abort() });

      assert.deepEqual([report.evidence.interruption, report.spend], ['cancelled', 0]);
      await assertUsable(opened);
    },
  },
  {
    title: 'a turn ends at its time limit',
    async run(subject) {
      await using opened = await openSession(subject, answering({ silence: true }));

      const report = await opened.run({ prompt: 'wait', timeoutMs: 300 });

      assert.equal(report.evidence.interruption, 'timeout');
      assert.ok(report.durationMs >= 300);
      await assertUsable(opened);
    },
  },
  {
    title: 'a turn within its time limit is left alone',
    async run(subject) {
      await using opened = await openSession(subject, answering({ text: 'done' }));

      const report = await opened.run({ prompt: 'wait', timeoutMs: 20_000 });

      assert.deepEqual([report.evidence.interruption, report.evidence.result?.text], [undefined, 'done']);
    },
  },
  {
    title: 'a silent turn goes on as long as its process answers pings',
    async run(subject) {
      await using opened = await openSession(subject, answering({ text: 'done', delayMs: 1000 }));

      const report = await opened.run({ prompt: 'wait', silenceMs: 200 });

      assert.deepEqual([report.evidence.interruption, report.evidence.result?.text], [undefined, 'done']);
    },
  },
];

async function assertUsable(opened: TestedSession): Promise<void> {
  await opened.session.clear({ signal: AbortSignal.timeout(10_000) });
  const report = await opened.run('hello');
  assert.equal(report.evidence.result?.text, 'echo: hello');
}

function answering(answer: Answer): Script {
  return { rules: [{ when: 'wait', answers: [answer] }] };
}
