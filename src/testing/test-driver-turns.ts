import assert from 'node:assert/strict';
import type { Message, Script } from './script.ts';
import { openSession } from './test-driver-session.ts';
import type { DriverCase } from './test-driver-subject.ts';

const echo: Script = { rules: [] };
const megabyte = 1024 * 1024;

/** What one turn gives, and what the next one knows of it. */
export const turnCases: readonly DriverCase[] = [
  {
    title: 'a turn resolves with the answer and how it ended',
    async run(subject) {
      await using opened = await openSession(subject, answering('sum', { text: 'It is 42.' }));

      const report = await opened.run('the sum, please');

      const { result, ...rest } = report.evidence;
      assert.equal(result?.text, 'It is 42.');
      assert.deepEqual(
        [result.subtype, result.isError, result.turns, result.denials, result.errors],
        ['success', false, 1, [], []],
      );
      assert.deepEqual([rest.exit, rest.interruption, rest.openError], [undefined, undefined, undefined]);
      assert.equal(report.model, 'claude-sonnet-5');
      assert.equal(report.sessionId, opened.session.sessionId);
      assert.ok(report.durationMs > 0);
    },
  },
  {
    title: 'a session knows its version and its process from the start',
    async run(subject) {
      await using opened = await openSession(subject, echo);

      assert.equal(opened.session.version, subject.version);
      assert.ok(opened.session.pid !== undefined && opened.session.pid > 0);
    },
  },
  {
    title: 'a turn tells how much memory its process holds, unless the process is gone',
    async run(subject) {
      await using opened = await openSession(subject, answering('wait', { text: 'late', delayMs: 600_000 }));
      const { pid = 0 } = opened.session;

      const lives = await opened.run('hello');
      const dies = await opened.run('wait', {
        onActivity: ({ type }) => type === 'sent' && process.kill(pid, 'SIGKILL'),
      });

      const { residentBytes = 0 } = lives;
      assert.ok(residentBytes > 10 * megabyte && residentBytes < 4096 * megabyte, `${residentBytes}`);
      assert.equal(dies.residentBytes, undefined);
    },
  },
  {
    title: 'text arrives in the pieces in which it is streamed',
    async run(subject) {
      const text = ['One, ', 'two, ', 'three.'];
      await using opened = await openSession(subject, answering('count', { text }));
      const heard: string[] = [];

      const report = await opened.run('count', { onText: (piece) => heard.push(piece) });

      assert.deepEqual(heard, text);
      assert.equal(report.evidence.result?.text, 'One, two, three.');
    },
  },
  {
    title: 'a turn knows the prompts of the turns before it',
    async run(subject) {
      await using opened = await openSession(subject, echo);
      const first = await opened.run('the word is birch');

      const second = await opened.run('go on');

      assert.match(await opened.stage.lastRequest(), /birch/);
      assert.equal(second.sessionId, first.sessionId);
      assert.match(second.evidence.result?.text ?? '', /go on$/);
    },
  },
  {
    title: 'clear begins a conversation that knows nothing of the old one, in the same process',
    async run(subject) {
      await using opened = await openSession(subject, echo);
      const { pid } = opened.session;
      const before = await opened.run('the word is birch');

      await opened.session.clear({ signal: AbortSignal.timeout(10_000) });
      const after = await opened.run('go on');

      assert.doesNotMatch(await opened.stage.lastRequest(), /birch/);
      assert.notEqual(after.sessionId, before.sessionId);
      assert.equal(opened.session.sessionId, after.sessionId);
      assert.equal(opened.session.pid, pid);
    },
  },
  {
    title: 'a prompt that reads like a command is text',
    async run(subject) {
      await using opened = await openSession(subject, echo);
      const before = await opened.run('hello');

      for (const prompt of ['/clear', '/cost', '/nosuch thing', '  /clear']) {
        const report = await opened.run(prompt);

        assert.equal(withoutSpace(report.evidence.result?.text), withoutSpace(`echo: ${prompt}`));
        assert.equal(report.sessionId, before.sessionId);
      }
    },
  },
  {
    title: 'a prompt with line breaks, quotes and other scripts arrives as it is',
    async run(subject) {
      const prompt = 'one\ntwo "three" \\ \u2028 déjà 日本 🌲';
      await using opened = await openSession(subject, echo);

      await opened.run(prompt);

      assert.ok((await opened.stage.lastRequest()).includes(prompt));
    },
  },
  {
    title: 'a prompt of half a megabyte arrives whole',
    async run(subject) {
      await using opened = await openSession(subject, answering('the end', { text: 'read' }));

      const report = await opened.run(`${'word '.repeat(megabyte / 10)}the end`);

      assert.equal(report.evidence.result?.text, 'read');
      assert.ok((await opened.stage.lastRequest()).length >= megabyte / 2);
    },
  },
  {
    title: 'a prompt of three megabytes is answered, or refused as too long by the CLI, and harms nobody',
    async run(subject) {
      await using opened = await openSession(subject, answering('the end', { text: 'read' }));

      const { result } = (await opened.run(`${'word '.repeat((3 * megabyte) / 5)}the end`)).evidence;
      await opened.session.clear({ signal: AbortSignal.timeout(10_000) });
      const next = await opened.run('hello');

      assert.match(result?.text ?? '', result?.isError === false ? /^read$/ : /too long/);
      assert.equal(next.evidence.result?.text, 'echo: hello');
    },
  },
  {
    title: 'a turn tells the tools that it uses and goes on with what they gave',
    async run(subject) {
      const toolUse = { name: 'Bash', input: { command: 'echo from the tool' } };
      await using opened = await openSession(subject, answering('use it', { toolUse }, { text: 'used' }));
      const tools: string[] = [];

      const report = await opened.run('use it', {
        onActivity: (activity) => activity.type === 'toolUse' && tools.push(activity.name),
      });

      assert.deepEqual(tools, ['Bash']);
      assert.deepEqual([report.evidence.result?.text, report.evidence.result?.turns], ['used', 2]);
    },
  },
  {
    title: 'a tool without permission is denied, and the turn goes on',
    async run(subject) {
      const toolUse = { name: 'Write', input: { file_path: '/etc/claude-pool', content: 'x' } };
      const script = answering('write', { toolUse }, { text: 'could not' });
      await using opened = await openSession(subject, script, { permissionMode: 'default' });

      const { result } = (await opened.run('write')).evidence;

      assert.equal(result?.text, 'could not');
      assert.deepEqual(
        result.denials.map(({ toolName }) => toolName),
        ['Write'],
      );
    },
  },
  {
    title: 'more tools than `maxTurns` allows end the turn, and the session takes the next one',
    async run(subject) {
      const toolUse = { name: 'Bash', input: { command: 'true' } };
      await using opened = await openSession(subject, answering('for ever', { toolUse }), { maxTurns: 2 });

      const { result } = (await opened.run('for ever')).evidence;
      const next = await opened.run('hello');

      assert.deepEqual([result?.subtype, result?.isError], ['error_max_turns', true]);
      assert.equal(next.evidence.result?.text, 'echo: hello');
    },
  },
];

function answering(when: string, ...answers: readonly Message[]): Script {
  return { rules: [{ when, answers }] };
}

function withoutSpace(text = ''): string {
  return text.replaceAll(/\s/g, '');
}
