import assert from 'node:assert/strict';
import type { Finding } from '../../machines/recovery.ts';
import type { AttemptTrace, TurnHooks } from '../ports.ts';
import type { Message, Script } from './script.ts';
import { usage } from './test-driver-price.ts';
import { launchOf, neverAborted, openSession, runTurn } from './test-driver-session.ts';
import type { TestedSession } from './test-driver-session.ts';
import type { DriverCase } from './test-driver-subject.ts';

const slowly: Message = { text: ['One ', 'two'], pieceDelayMs: 600_000 };
const script: Script = {
  rules: [
    {
      when: 'with a tool',
      answers: [
        { toolUse: { name: 'Bash', input: { command: 'true' } }, usage },
        // The CLI writes an answer down within a tenth of a second.
        { ...slowly, delayMs: 500 },
      ],
    },
    { when: 'slowly', answers: [slowly] },
  ],
  otherwise: [{ echo: true, usage }],
};

/** What is found out of an attempt that was cut off. */
export const examinationCases: readonly DriverCase[] = [
  {
    title: 'the id of a conversation is known before its first prompt and stays until clear gives a new one',
    async run(subject) {
      await using opened = await openSession(subject, script);
      const { sessionId } = opened.session;

      const reports = [await opened.run('one'), await opened.run('two')];
      await opened.session.clear({ signal: AbortSignal.timeout(10_000) });
      const cleared = opened.session.sessionId;
      reports.push(await opened.run('three'));

      assert.equal(new Set([undefined, sessionId, cleared]).size, 3);
      assert.deepEqual(
        reports.map((report) => report.sessionId),
        [sessionId, sessionId, cleared],
      );
      assert.equal(opened.session.sessionId, cleared);
    },
  },
  {
    title: 'an attempt that is killed at its first word has begun',
    async run(subject) {
      await using opened = await openSession(subject, script);
      const attempt = traceOf(opened, 'slowly');

      await opened.run('slowly', killing(opened));
      const finding = await examine(opened, attempt);

      assert.deepEqual([finding.began, finding.sessionId], [true, attempt.sessionId]);
    },
  },
  {
    title: 'what an attempt had spent when it was killed is read from what was answered',
    async run(subject) {
      await using opened = await openSession(subject, script);
      await opened.run('before');
      const attempt = traceOf(opened, 'with a tool');

      await opened.run('with a tool', killing(opened));
      const { began, spend = 0 } = await examine(opened, attempt);

      assert.deepEqual([began, spend >= listPrice, spend < 2 * listPrice], [true, true, true]);
    },
  },
  {
    title: 'an attempt that came to its end has its whole spend, and no other',
    async run(subject) {
      await using opened = await openSession(subject, script);
      await opened.run('before');
      const attempt = traceOf(opened, 'hello');

      await opened.run('hello');
      await opened.session.close();
      const finding = await examine(opened, attempt);

      assert.deepEqual(finding, { sessionId: attempt.sessionId, began: true, spend: listPrice });
    },
  },
  {
    title: 'a prompt that was never sent has not begun, in a new conversation and in an old one',
    async run(subject) {
      await using opened = await openSession(subject, script);
      const first = traceOf(opened, 'never sent');
      const unused = await examine(opened, first);
      await opened.run('before');
      const second = traceOf(opened, 'never sent');

      await opened.session.close();
      const used = await examine(opened, second);

      assert.deepEqual([unused.began, used.began], [false, false]);
    },
  },
  {
    title: 'an earlier attempt with the same prompt is not the attempt',
    async run(subject) {
      await using opened = await openSession(subject, script);
      await opened.run('again');
      await opened.session.close();

      const finding = await examine(opened, traceOf(opened, 'again'));

      assert.equal(finding.began, false);
    },
  },
  {
    title: 'where another prompt stands than the one that was sent, nothing is known',
    async run(subject) {
      await using opened = await openSession(subject, script);
      const attempt = traceOf(opened, 'mine');
      await opened.run('yours');
      await opened.session.close();

      const finding = await examine(opened, attempt);

      assert.deepEqual([finding.began, finding.spend], [undefined, undefined]);
    },
  },
  {
    title: 'a conversation whose process was killed in the middle of a turn can be gone on with',
    async run(subject) {
      await using opened = await openSession(subject, script);
      const { sessionId = '' } = opened.session;
      await opened.run('slowly, by the birch', killing(opened));
      const launch = launchOf(opened.stage, { resume: { sessionId, fork: false } });

      const again = await opened.stage.driver.open(launch, { signal: neverAborted() });
      const report = await runTurn(again, 'go on');
      await again.close();

      assert.match(await opened.stage.lastRequest(), /birch/);
      assert.deepEqual([report.evidence.result?.text, report.sessionId], ['echo: go on', sessionId]);
    },
  },
];

/** `usage` at the list price of the tested model, whatever a version of the CLI asks for it. */
const listPrice = 4_590;

function traceOf({ session, stage }: TestedSession, prompt: string): AttemptTrace {
  return { sessionId: session.sessionId ?? '', cwd: stage.cwd, prompt, startedAt: Date.now() };
}

function killing({ session }: TestedSession): Partial<TurnHooks> {
  return { onText: () => void process.kill(session.pid ?? 0, 'SIGKILL') };
}

async function examine({ stage }: TestedSession, attempt: AttemptTrace): Promise<Finding> {
  const finding = await stage.driver.examine?.(attempt, { signal: neverAborted() });
  assert.ok(finding, 'Expected a driver that can examine attempts.');
  return finding;
}
