import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { processesMarked } from 'claude-pool/testing';
import { expect, test } from 'vitest';
import { commandLine } from '../../src/cli/command-line.ts';
import { poolDesk } from '../../src/cli/desk/pool-desk.ts';
import { deskServer } from '../../src/cli/remote/desk-server.ts';
import { createPool } from '../../src/index.ts';
import { taskOptionsOf } from '../../src/cli/work/task-options-of.ts';
import { gatedDriver } from '../pool/scripted-driver.ts';
import { claudeFile, scratch, seen, start } from './command-line.ts';
import type { Scratch } from './command-line.ts';

test('the help of each command has examples, and says what its exit codes mean', () => {
  const withoutPool = ['machines', 'demo', 'init', 'doctor', 'completion'];
  for (const command of commandLine().commands) {
    if (withoutPool.includes(command.name())) continue;
    let help = '';
    command.configureOutput({ writeOut: (text) => void (help += text) }).outputHelp();

    expect(help).toContain(`$ claude-pool ${command.name()}`);
    expect(help).toContain('Exit codes:');
  }
});

test('a pool that runs is asked from the shell', async () => {
  await using place = await scratch();
  const claude = gatedDriver();
  await using pool = await createPool({ driver: claude.driver, slots: 1, stateDir: stateOf(place) });
  await using server = await deskServer(poolDesk(pool), stateOf(place));
  claude.open('done');
  const ended = await pool.submit('done');
  await pool.wait(ended);
  const review = await pool.submitWithReview('done', { maxRejections: 1 });
  const running = await pool.submit('talk');
  await expect.poll(() => claude.turns.length).toBe(3);
  claude.say('talk', 'half a sent');

  const set = await claudePool(place, 'context', 'set', 'branch', 'main');
  const [status, context, key, ...logs] = await Promise.all([
    claudePool(place, 'status'),
    claudePool(place, 'context'),
    claudePool(place, 'context', 'get', 'tree'),
    claudePool(place, 'logs', ended),
    claudePool(place, 'logs', running),
    claudePool(place, 'review'),
    claudePool(place, 'wait', ended, running, '--timeout', '10ms'),
  ]);

  expect(set).toMatchObject({ exitCode: 0, stdout: '', stderr: '' });
  expect(status.stdout).toMatch(
    /slot-0 {3}busy {7}talk .*half a sent\n\n0 waiting · 1 running · 1 for review/,
  );
  expect(context.stdout).toBe('branch=main\n');
  expect(key).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('got `tree`') });
  const [first, second, reviews, waited] = logs;
  expect([first?.stdout, second?.stdout]).toEqual(['done\n', 'half a sent\n']);
  expect(reviews?.stdout).toContain(review);
  expect(waited).toMatchObject({ exitCode: 75, stderr: expect.stringContaining('The work goes on') });
  expect([server.socket, pool.task(running).state]).toEqual([expect.any(String), 'running']);
});

test('a chain and a skill run in a pool of their own where none runs', async () => {
  await using place = await scratch();
  const claude = await claudeFile(place.folder, { script: { rules: [] } });
  const file = path.join(place.folder, 'chain.yaml');
  await writeFile(
    file,
    'name: twice\nsteps:\n  - { name: a, prompt: "one" }\n  - { name: b, prompt: "not {previous_output}" }\n',
  );
  const own = ['--claude', claude, '--cwd', place.folder];

  const made = await claudePool(place, 'skill', 'new', 'greet', '--skills-dir', skillsOf(place));
  const [chain, skill, valid, again] = await Promise.all([
    claudePool(place, 'chain', file, ...own),
    claudePool(place, 'skill', 'run', 'greet', 'the door', ...own, '--skills-dir', skillsOf(place), '--json'),
    claudePool(place, 'skill', 'validate', skillsOf(place), '--json'),
    claudePool(place, 'skill', 'new', 'greet', '--skills-dir', skillsOf(place)),
  ]);

  expect(made.stdout).toBe(`${path.join(skillsOf(place), 'greet', 'SKILL.md')}\n`);
  expect([chain.exitCode, chain.stdout]).toEqual([0, 'echo: not echo: one\n']);
  expect(JSON.parse(skill.stdout).data.output).toContain('what Claude is to do with the door');
  expect(JSON.parse(valid.stdout).data).toMatchObject({ files: [expect.any(String)], problems: [] });
  expect(again).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('Expected a new name') });
});

test('Ctrl-C on a fan-out in a pool of its own keeps what was answered, and leaves no process', async () => {
  await using place = await scratch();
  const script = { rules: [{ when: 'hang', answers: [{ hang: 'beforeResult' }] }] } as const;
  const lines = path.join(place.folder, 'lines');
  await writeFile(lines, 'one\nhang\n');
  const fanOut = start(['fan-out', lines, '--claude', await claudeFile(place.folder, { script })], place);

  await seen(fanOut.stderr, 'completed  one');
  fanOut.kill('SIGINT');

  expect(await fanOut).toMatchObject({
    exitCode: 130,
    stdout: expect.stringMatching(/^## task-\S+ completed .*\n\necho: one\n\n## task-\S+ cancelled/),
  });
  expect(await processesMarked(place.folder)).toEqual([]);
});

test('a broken skill, a bad line and a wish that needs a pool are told before anything starts', async () => {
  await using place = await scratch();
  const folder = path.join(place.folder, 'broken');
  await mkdir(folder);
  await writeFile(path.join(folder, 'SKILL.md'), '---\nname: Broken\n---\n');
  const lines = path.join(place.folder, 'lines');
  await writeFile(lines, 'fine\n{"prompt":\n');

  const [skill, fanOut, detach, review] = await Promise.all([
    claudePool(place, 'skill', 'validate', folder),
    claudePool(place, 'fan-out', lines, '--claude', '/nowhere/claude'),
    claudePool(place, 'run', 'x', '--detach'),
    claudePool(
      place,
      'run',
      'x',
      '--review',
      '--claude',
      await claudeFile(place.folder, { script: { rules: [] } }),
    ),
  ]);

  expect([skill.exitCode, skill.stdout]).toEqual([1, expect.stringContaining('SKILL.md:2 error name')]);
  expect(fanOut).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('Line 2') });
  expect(detach).toMatchObject({ exitCode: 69, stderr: expect.stringContaining('claude-pool serve') });
  expect(review).toMatchObject({ exitCode: 69, stderr: expect.stringContaining('claude-pool serve') });
});

test('a word that is no command is told the commands that there are', async () => {
  await using place = await scratch();

  const [group, program, none] = await Promise.all([
    claudePool(place, 'review', 'aprove', 'task-1'),
    claudePool(place, 'help'),
    claudePool(place, 'context', '--help'),
  ]);

  expect(group).toMatchObject({
    exitCode: 2,
    stderr:
      'error: expected `list`, `show`, `approve` or `reject`, got `aprove`\nSee: claude-pool review --help\n',
  });
  expect(program).toMatchObject({
    exitCode: 2,
    stderr: "error: unknown command 'help'\nSee: claude-pool --help\n",
  });
  expect(none.stdout).not.toContain('help [command]');
});

test('flags for sessions, git worktrees and MCP servers hold for the tasks in a pool that runs', () => {
  const servers = { docs: { command: 'docs-server' } };

  const configured = { config: {}, root: '/', files: [] };

  const options = taskOptionsOf({ configured, session: 'fresh', workspace: 'task', mcpConfig: servers });

  expect(options).toEqual({ session: 'fresh', workspace: 'task', mcpServers: servers });
});

function stateOf({ folder }: Scratch): string {
  return path.join(folder, 'state');
}

function skillsOf({ folder }: Scratch): string {
  return path.join(folder, 'skills');
}

function claudePool(place: Scratch, ...args: readonly string[]) {
  return start(args, { env: { ...place.env, CLAUDE_POOL_STATE_DIR: stateOf(place) } });
}
