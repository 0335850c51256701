import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL, fileURLToPath } from 'node:url';
import { createPool } from 'claude-pool';
import { fakeClaude, processesMarked } from 'claude-pool/testing';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { makeRepository } from '../contracts/workspaces-stage.ts';
import { checkMemory } from '../../src/doctor/check-memory.ts';
import { checkNode } from '../../src/doctor/check-node.ts';
import { claudeFile, command, scratch, start } from './command-line.ts';
import type { Scratch } from './command-line.ts';

const DIST = pathToFileURL(fileURLToPath(new URL('../../dist/src/', import.meta.url))).href;
const SECRET = 'sk-ant-do-not-print-me';

test('where all is well, `doctor` says so of everything, and prints no secret', async () => {
  await using place = await scratch();
  await makeRepository(place.folder);
  await using pool = await createPool({
    claude: fakeClaude({ script: { rules: [] } }),
    stateDir: path.join(place.folder, '.claude-pool', 'state'),
  });

  const { exitCode, stdout, stderr } = await doctor(place, { ANTHROPIC_API_KEY: SECRET });

  const { data } = JSON.parse(stdout);
  expect(data.diagnoses.filter(isWrong)).toEqual([]);
  expect(data.diagnoses.map(({ check }: { check: string }) => check)).toEqual(
    'node claude login git worktrees memory config state processes'.split(' '),
  );
  expect(stdout).toContain(`the pool of process ${process.pid}`);
  expect([exitCode, stdout.includes(SECRET), stderr]).toEqual([0, false, '']);
  expect(pool.status().state).toBe('open');
});

test('what is wrong is told with what to do, and is an exit code', async () => {
  await using place = await scratch();
  const state = path.join(place.folder, '.claude-pool', 'state');
  await mkdir(state, { recursive: true });
  await writeFile(path.join(state, 'pool.db'), 'no database at all'.repeat(100));
  await writeFile(path.join(place.folder, '.claude-pool', 'config.yaml'), 'slots: many\n');

  const { exitCode, stdout } = await doctor(place, {
    CLAUDE_POOL_CLAUDE_COMMAND: '/no/claude',
    CLAUDE_POOL_MODLE: 'x',
  });

  const wrong = JSON.parse(stdout).data.diagnoses.filter(isWrong);
  expect(exitCode).toBe(1);
  expect(wrong).toMatchObject([
    { check: 'claude', status: 'error', message: expect.stringContaining('npm install') },
    { check: 'git', status: 'warning', message: expect.stringContaining('git init') },
    { check: 'config', status: 'error', message: expect.stringContaining('config.yaml:1:8') },
    { check: 'config', status: 'warning', message: expect.stringContaining('`CLAUDE_POOL_MODLE`') },
    { check: 'state', status: 'error', message: expect.stringContaining('put a backup in its place') },
  ]);
});

test('for a reader each line of a diagnosis stands below its first', async () => {
  await using place = await scratch();
  await mkdir(path.join(place.folder, '.claude-pool'));
  await writeFile(path.join(place.folder, '.claude-pool', 'config.yaml'), 'slots: many\nfoo: 1\n');

  const { stdout } = await start(['doctor', '--cwd', place.folder], place);

  const from = stdout.indexOf('error   config');
  expect(stdout.slice(from).replaceAll(place.folder, '')).toMatch(
    /^error {3}config {4}\S*config\.yaml:1:8: .*\n {18}\S*config\.yaml:2:1: .*\n {18}Correct it/,
  );
});

test.runIf(process.platform === 'linux')(
  '`doctor --fix` ends the processes of a dead pool, and saves and removes its worktrees',
  async () => {
    await using place = await scratch();
    const repository = path.join(place.folder, 'work');
    await makeRepository(repository);
    await execa(process.execPath, ['--input-type=module', '--eval', DEAD_POOL, repository], {
      env: { ...place.env, CLAUDE_POOL_DIST: DIST },
    });

    const found = await doctor(place, {}, '--cwd', repository);
    const { stdout } = await doctor(place, {}, '--cwd', repository, '--fix');

    expect(JSON.parse(found.stdout).data.diagnoses.find(worktrees)).toMatchObject({
      status: 'warning',
      remedy: expect.stringContaining('--prune'),
    });
    expect(JSON.parse(stdout).data.diagnoses.find(worktrees).fixed).toContain('Saved and removed 1');
    expect(await processesMarked(place.folder)).toEqual([]);
  },
);

test('processes of dead pools are told, and ended on request', async (context) => {
  await using place = await scratch();
  // With process ids of their own, no pool of another test can end them before.
  const space = ['--pid', '--fork', '--mount-proc', ...(process.getuid?.() === 0 ? [] : ['--map-root-user'])];
  const inSpace = (script: string, more: Readonly<Record<string, string>> = {}) =>
    execa('unshare', [...space, 'sh', '-c', script], { env: { ...place.env, ...more }, reject: false });
  const { failed } = await inSpace('true');
  context.skip(failed, 'This machine gives nobody process ids of their own.');
  const claude = await claudeFile(place.folder, { script: { rules: [] } });
  const look = [...command, 'doctor', '--json', '--cwd', place.folder].join(' ');

  const { stdout } = await inSpace(
    `"$NODE" --input-type=module --eval "$LEFT"; echo ,; ${look}; echo ,; ${look} --fix; echo ,; ${look}`,
    { NODE: process.execPath, LEFT: LEFT_BEHIND, CLAUDE_POOL_DIST: DIST, CLAUDE_POOL_CLAUDE_COMMAND: claude },
  );

  const [pid, ...looks]: readonly [number, ...Look[]] = JSON.parse(`[${stdout}]`);
  const seen = looks.map(({ data }) => data.diagnoses.find(({ check }) => check === 'processes'));
  const message = `Dead pools have left 1 processes: ${pid}.`;
  expect(seen).toMatchObject([
    { status: 'warning', message },
    { status: 'warning', message, fixed: 'Ended 1 processes.' },
    { status: 'ok', message: 'No processes of dead pools.' },
  ]);
});

test('an old Node and too many slots are told', () => {
  expect(
    [checkNode('20.18.9'), checkNode('20.19.0'), checkNode('26.0.0')].map(({ status }) => status),
  ).toEqual(['error', 'ok', 'ok']);
  expect(checkMemory(4, 2 ** 30)).toMatchObject({
    status: 'warning',
    remedy: expect.stringContaining('most 2'),
  });
  expect(checkMemory(2, 2 ** 30)).toMatchObject({ status: 'ok' });
});

interface Check {
  readonly check: string;
}

interface Look {
  readonly data: { readonly diagnoses: readonly Check[] };
}

function worktrees({ check }: Check): boolean {
  return check === 'worktrees';
}

/** Whatever else goes on on the machine may leave processes for a moment. */
function isWrong({ check, status }: { readonly check: string; readonly status: string }): boolean {
  return status !== 'ok' && check !== 'processes';
}

/** Takes a worktree, starts a process with its mark, and is gone. */
const DEAD_POOL = `
  import { spawn } from 'node:child_process';
  const { gitWorkspaces } = await import(process.env.CLAUDE_POOL_DIST + 'workspaces/git-workspaces.js');
  const { sessionMark } = await import(process.env.CLAUDE_POOL_DIST + 'processes/session-mark.js');
  const { signal } = new AbortController();
  await gitWorkspaces({ repository: process.argv[1] }).acquire({ id: 'slot-0', task: 'task-1', signal });
  const env = { ...process.env, CLAUDE_POOL_MARK: sessionMark() };
  spawn('sleep', ['60'], { env, detached: true, stdio: 'ignore' }).unref();
  process.exit(0);
`;

/** Starts a process with its mark, says which, and is gone. */
const LEFT_BEHIND = `
  import { spawn } from 'node:child_process';
  const { sessionMark } = await import(process.env.CLAUDE_POOL_DIST + 'processes/session-mark.js');
  const env = { ...process.env, CLAUDE_POOL_MARK: sessionMark() };
  const left = spawn('sleep', ['60'], { env, detached: true, stdio: 'ignore' });
  left.unref();
  console.log(left.pid);
`;

async function doctor(place: Scratch, more: Readonly<Record<string, string>> = {}, ...flags: string[]) {
  const claude = await claudeFile(place.folder, { script: { rules: [] } });
  const env = { CLAUDE_POOL_CLAUDE_COMMAND: claude, ...place.env, ...more };
  return start(['doctor', '--cwd', place.folder, '--json', ...flags], { env });
}
