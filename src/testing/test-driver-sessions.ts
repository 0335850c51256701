import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { processesMarked } from './process-table.ts';
import type { Script } from './script.ts';
import { openLifeline } from './test-driver-lifeline.ts';
import { answerCost, usage } from './test-driver-price.ts';
import { launchOf, neverAborted, openSession, runTurn } from './test-driver-session.ts';
import type { DriverCase } from './test-driver-subject.ts';

const echo: Script = { rules: [] };

/** How sessions begin and end. */
export const sessionCases: readonly DriverCase[] = [
  {
    title:
      'close leaves no process and settles `exited`, and close twice, or at the same time, is close once',
    async run(subject) {
      await using opened = await openSession(subject, echo);
      await opened.run('hello');
      const before = await processesMarked(opened.slotId);

      await Promise.all([opened.session.close(), opened.session.close()]);
      await opened.session.close();
      const exit = await opened.session.exited;

      assert.notDeepEqual(before, []);
      assert.deepEqual(await processesMarked(opened.slotId), []);
      assert.ok(exit.code !== undefined || exit.signal !== undefined);
    },
  },
  {
    title: 'close ends a process that has left the process group and its parent',
    async run(subject) {
      await using lifeline = await openLifeline();
      const command = lifeline.holding('setsid tail -f /dev/null >/dev/null 2>&1 & echo started');
      const toolUse = { name: 'Bash', input: { command } };
      const script = { rules: [{ when: 'start', answers: [{ toolUse }, { text: 'started' }] }] };
      await using opened = await openSession(subject, script);
      await opened.run('start');
      await lifeline.held;

      await opened.session.close();
      await lifeline.released;

      assert.deepEqual(await processesMarked(opened.slotId), []);
    },
  },
  {
    title: 'close in the middle of an answer ends the turn',
    async run(subject) {
      const answer = { text: ['One ', 'two'], pieceDelayMs: 600_000 };
      await using opened = await openSession(subject, { rules: [{ when: 'wait', answers: [answer] }] });

      const { evidence } = await opened.run('wait', { onText: () => void opened.session.close() });
      await opened.session.close();

      assert.ok(evidence.exit !== undefined || evidence.interruption !== undefined);
      assert.notEqual(evidence.result?.isError, false);
      assert.deepEqual(await processesMarked(opened.slotId), []);
    },
  },
  {
    title: 'close as soon as the prompt is sent ends the turn',
    async run(subject) {
      await using opened = await openSession(subject, {
        rules: [{ when: 'wait', answers: [{ silence: true }] }],
      });

      const { evidence } = await opened.run('wait', {
        onActivity: ({ type }) => type === 'sent' && void opened.session.close(),
      });
      await opened.session.close();

      assert.ok(evidence.exit !== undefined || evidence.interruption !== undefined);
      assert.deepEqual(
        [evidence.result?.isError === false, await processesMarked(opened.slotId)],
        [false, []],
      );
    },
  },
  {
    title: 'a process that is killed in the middle of a turn ends the turn and settles `exited`',
    async run(subject) {
      await using opened = await openSession(subject, {
        rules: [{ when: 'wait', answers: [{ silence: true }] }],
      });
      const { pid = 0 } = opened.session;

      const { evidence } = await opened.run('wait', {
        onActivity: ({ type }) => type === 'sent' && process.kill(pid, 'SIGKILL'),
      });
      const exit = await opened.session.exited;

      assert.deepEqual([evidence.exit?.signal, evidence.result], ['SIGKILL', undefined]);
      assert.equal(exit.signal, 'SIGKILL');
      assert.deepEqual(await processesMarked(opened.slotId), []);
    },
  },
  {
    title: 'a turn in a session whose process is gone says so',
    async run(subject) {
      await using opened = await openSession(subject, echo);
      process.kill(opened.session.pid ?? 0, 'SIGKILL');
      await opened.session.exited;

      const { evidence, spend } = await opened.run('hello');

      assert.ok(evidence.exit !== undefined || evidence.openError !== undefined);
      assert.deepEqual([evidence.result, spend], [undefined, 0]);
    },
  },
  {
    title: 'open with an aborted signal rejects with its reason and leaves no process',
    async run(subject) {
      await using stage = await subject.open(echo);
      const launch = launchOf(stage);
      const reason = new Error('changed my mind');

      const opening = stage.driver.open(launch, { signal: AbortSignal.abort(reason) });

      await assert.rejects(opening, reason);
      assert.deepEqual(await processesMarked(launch.slotId), []);
    },
  },
  {
    title: 'open that is aborted on its way rejects with the reason and leaves no process',
    async run(subject) {
      await using stage = await subject.open(echo);
      const launch = launchOf(stage);
      const reason = new Error('changed my mind');
      const stop = new AbortController();

      const opening = stage.driver.open(launch, { signal: stop.signal });
      setImmediate(() => stop.abort(reason));

      await assert.rejects(opening, reason);
      assert.deepEqual(await processesMarked(launch.slotId), []);
    },
  },
  {
    title:
      'a stored conversation is copied under a new id or continued by another process, without its old spend',
    async run(subject) {
      await using opened = await openSession(subject, { rules: [], otherwise: [{ echo: true, usage }] });
      const { sessionId = '' } = await opened.run('the word is birch');
      await opened.session.close();

      for (const fork of [true, false]) {
        const launch = launchOf(opened.stage, { resume: { sessionId, fork } });
        const again = await opened.stage.driver.open(launch, { signal: neverAborted() });
        const known = again.sessionId;
        const report = await runTurn(again, 'go on');
        await again.close();

        assert.match(await opened.stage.lastRequest(), /birch/);
        assert.deepEqual([report.evidence.result?.text, report.spend], ['echo: go on', answerCost(subject)]);
        assert.deepEqual([report.sessionId, known === sessionId], [known, !fork]);
      }
    },
  },
  {
    title: 'a conversation that nobody knows is refused, and no process is left',
    async run(subject) {
      await using stage = await subject.open(echo);
      const launch = launchOf(stage, { resume: { sessionId: randomUUID(), fork: false } });

      const opening = stage.driver.open(launch, { signal: neverAborted() });

      await assert.rejects(opening, { name: 'PoolError', message: /No conversation found/ });
      assert.deepEqual(await processesMarked(launch.slotId), []);
    },
  },
  {
    title: 'open without a login is refused before a prompt is sent, and leaves no process',
    async run(subject) {
      await using stage = await subject.open(echo, { account: 'none' });
      const launch = launchOf(stage);

      const opening = stage.driver.open(launch, { signal: neverAborted() });

      await assert.rejects(opening, { name: 'PoolError', code: 'CLAUDE_AUTH' });
      assert.deepEqual(await processesMarked(launch.slotId), []);
    },
  },
  {
    title: 'what an MCP server is defined with stands on no command line',
    async run(subject) {
      const secret = randomUUID();
      const mcpServers = { none: { command: 'true', env: { SECRET: secret } } };
      await using opened = await openSession(subject, echo, { mcpServers });

      const commandLine = await readFile(`/proc/${opened.session.pid ?? 0}/cmdline`, 'utf8');
      const report = await opened.run('hello');

      assert.deepEqual([commandLine.includes('--mcp-config'), commandLine.includes(secret)], [true, false]);
      assert.equal(report.evidence.result?.text, 'echo: hello');
    },
  },
  {
    title: 'two sessions of one driver do not disturb each other',
    async run(subject) {
      await using opened = await openSession(subject, echo);
      const other = await opened.stage.driver.open(launchOf(opened.stage), { signal: neverAborted() });

      const [one, two] = await Promise.all([opened.run('one'), runTurn(other, 'two')]);
      await other.close();
      const three = await opened.run('three');

      const texts = [one, two, three].map(({ evidence }) => evidence.result?.text);
      assert.deepEqual(texts, ['echo: one', 'echo: two', 'echo: three']);
      assert.notEqual(one.sessionId, two.sessionId);
    },
  },
];
