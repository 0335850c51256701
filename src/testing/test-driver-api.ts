import assert from 'node:assert/strict';
import type { AttemptReport } from '../../machines/types.ts';
import type { ApiFault, Script } from './script.ts';
import { openSession } from './test-driver-session.ts';
import type { TestedSession } from './test-driver-session.ts';
import type { DriverCase } from './test-driver-subject.ts';

/** Refused at once: the CLI does not try again. */
const final = [400, 403, 404] as const;
/** Tried again by the CLI: the driver may end the turn at the first sign. */
const retried = [
  { status: 401, cutShort: 'auth' },
  { status: 429, cutShort: 'rateLimited' },
  { status: 500, cutShort: undefined },
  { status: 529, cutShort: undefined },
] as const;

/** What the API can refuse. */
export const apiCases: readonly DriverCase[] = [
  {
    title: `an API error ${final.join(', ')} is in the evidence, costs nothing, and leaves the session usable`,
    async run(subject) {
      await using opened = await openSession(subject, refusing(final));

      for (const status of final) {
        const report = await opened.run(`fail with ${status}`);
        const next = await runAfresh(opened);

        const { result } = report.evidence;
        assert.deepEqual([result?.isError, result?.apiErrorStatus], [true, status]);
        assert.notEqual(result?.text ?? '', '');
        assert.deepEqual([report.spend, report.evidence.exit], [0, undefined]);
        assert.equal(next.evidence.result?.text, 'echo: hello');
      }
    },
  },
  {
    title: `an API error ${retried.map(({ status }) => status).join(', ')} for ever ends the turn, and leaves the session usable`,
    async run(subject) {
      await using opened = await openSession(subject, refusing(retried.map(({ status }) => status)));

      for (const { status, cutShort } of retried) {
        const retries: (number | undefined)[] = [];
        const report = await opened.run(`fail with ${status}`, {
          onActivity: (activity) => activity.type === 'retry' && retries.push(activity.status),
        });
        const next = await runAfresh(opened);

        const { evidence } = report;
        assert.equal(evidence.lastRetryStatus, status);
        assert.equal(retries[0], status);
        assert.ok(evidence.interruption === cutShort || evidence.result?.apiErrorStatus === status);
        assert.ok(evidence.interruption !== undefined || evidence.result?.isError === true);
        assert.deepEqual([report.spend, evidence.exit], [0, undefined]);
        assert.equal(next.evidence.result?.text, 'echo: hello');
      }
    },
  },
  {
    title: 'a usage limit tells when it is lifted',
    async run(subject) {
      const resetsAt = (Math.floor(Date.now() / 1000) + 3600) * 1000;
      const rules = [{ when: 'fail', answers: [{ status: 429 as const, resetsAt }] }];
      await using opened = await openSession(subject, { rules }, { account: 'subscription' });

      const { evidence } = await opened.run('fail');
      const next = await runAfresh(opened);

      assert.equal(evidence.resetsAt, resetsAt);
      assert.ok(evidence.interruption === 'rateLimited' || evidence.result?.apiErrorStatus === 429);
      assert.deepEqual([next.evidence.result?.text, next.evidence.resetsAt], ['echo: hello', undefined]);
    },
  },
  {
    title: 'a request that fails once, or whose connection is cut once, and is then answered is a success',
    async run(subject) {
      const rules = [
        { when: 'refused', times: 1, answers: [{ status: 500 as const }] },
        { when: 'cut before', times: 1, answers: [{ drop: 'before' as const }] },
        { when: 'cut midway', times: 1, answers: [{ drop: 'midStream' as const }] },
      ];
      await using opened = await openSession(subject, { rules });

      const refused = await opened.run('refused');
      const cutBefore = await opened.run('cut before');
      const cutMidway = await opened.run('cut midway');

      assert.equal(refused.evidence.lastRetryStatus, 500);
      assert.deepEqual(
        [refused, cutBefore, cutMidway].map(({ evidence: { result } }) => [result?.isError, result?.text]),
        ['refused', 'cut before', 'cut midway'].map((prompt) => [false, `echo: ${prompt}`]),
      );
    },
  },
];

/** Each status for the prompts that name it. */
function refusing(statuses: readonly ApiFault['status'][]): Script {
  return { rules: statuses.map((status) => ({ when: `fail with ${status}`, answers: [{ status }] })) };
}

/** Nothing poisoned is handed on: after a failure the conversation is cleared. */
async function runAfresh(opened: TestedSession): Promise<AttemptReport> {
  await opened.session.clear({ signal: AbortSignal.timeout(10_000) });
  return opened.run('hello');
}
