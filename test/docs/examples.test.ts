import { mkdir, symlink } from 'node:fs/promises';
import path from 'node:path';
import { fakeApi, fakeClaude, realClaude, scratchHome } from 'claude-pool/testing';
import type { FakeApi, ScratchHome, Script } from 'claude-pool/testing';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { exampleFolder, fileNameOf } from './example-folder.ts';
import type { ExampleFolder } from './example-folder.ts';
import { documentationPages } from './pages.ts';
import type { CodeBlock } from './pages.ts';
import { writeProgram } from './program.ts';

/** What Claude answers in the examples; every other prompt gets `echo: ` and itself. */
const SCRIPT: Script = {
  rules: [
    { when: 'haiku', answers: [{ text: 'tasks wait in a row' }] },
    { when: 'Plan the change', answers: [{ text: '{ "kind": "bug", "files": ["a.ts"] }' }] },
    { when: 'Summarize this', answers: [{ silence: true }] },
    { when: 'src/pool.ts', answers: [{ text: 'No faults.' }] },
  ],
};

/** What an example must print, by its page and heading. */
const PRINTS: Readonly<Record<string, readonly string[]>> = {
  'README.md, Embed it': ['echo: Which function has no test? succeeded', 'tasks wait in a row'],
  'README.md, Test a lifecycle from its model': [
    'draft.written → draft.accepted published',
    'never taken: []',
  ],
  'docs/chains.md, Chains': [
    'completed echo: Make the tests pass. undefined',
    "[ 'summarize' ]",
    "  'summarize: cancelled',",
    ...['plan', 'implement', 'tests', 'checks'].map((name) => `  '${name}: skipped',`),
    "  'propose: skipped'",
  ],
  'docs/concepts.md, What you see of it': ['succeeded 1 ', 'task.completed'],
  'docs/getting-started.md, Use it in a program': [
    'echo: Say hello',
    'echo: Name a tree.',
    'completedTasks: 4',
  ],
  'docs/writing-a-driver.md, Writing a driver': ['Polly? 0.00002 succeeded'],
  'docs/reviews.md, Results that wait for you': ['echo: Write the changelog.'],
  'docs/skills.md, Skills': ['No faults.', 'echo: Greet the reader.'],
};

/** Examples that are only compiled, with the reason. */
const COMPILED_ONLY: Readonly<Record<string, string>> = {
  'docs/durability.md, A pool that survives': 'its process is killed in the middle',
  'docs/writing-a-driver.md, Test it': 'is a test file: `test/contracts/driver-fake.test.ts` runs its like',
  'docs/testing.md, All paths of a machine': 'is a test file: `test/conformance/own-machine.test.ts` runs it',
};

const blocks = (await documentationPages()).flatMap((page) => page.blocks);
const examples = blocks.filter(({ language }) => language === 'ts');

let folder: ExampleFolder;
let api: FakeApi;
let account: ScratchHome;
beforeAll(async () => {
  folder = await exampleFolder(examples);
  api = await fakeApi({ script: SCRIPT });
  account = await scratchHome({ url: api.url });
});
afterAll(async () => {
  await api[Symbol.asyncDispose]();
  await account[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

test('every example compiles in a strict project', () => {
  expect(folder.faults).toEqual([]);
});

test('what is said of examples is said of ones that there are', () => {
  const named = [...Object.keys(PRINTS), ...Object.keys(COMPILED_ONLY)];

  expect(named.filter((name) => !examples.some((example) => nameOf(example) === name))).toEqual([]);
});

const runnable = examples.filter((example) => !(nameOf(example) in COMPILED_ONLY));
test.concurrent.each(
  runnable.map((example) => [`${nameOf(example)} (line ${example.line})`, example] as const),
)('runs as it stands: %s', async (_name, example) => {
  const { stdout } = await run(example);

  for (const line of PRINTS[nameOf(example)] ?? []) expect(stdout).toContain(line);
});

function nameOf({ page, heading }: CodeBlock): string {
  return `${page}, ${heading}`;
}

/** Runs an example in a repository of its own. The README's meet the real CLI, the others a fake one; both on the PATH. */
async function run(example: CodeBlock) {
  const home = path.join(folder.path, `home-${fileNameOf(example)}`);
  const repository = path.join(home, 'work');
  await mkdir(path.join(home, 'bin'), { recursive: true });
  await execa('git', ['init', '--quiet', repository]);
  const identity = ['-c', 'user.name=Reader', '-c', 'user.email=reader@example.org'];
  await execa('git', [...identity, 'commit', '--quiet', '--allow-empty', '-m', 'Begin'], { cwd: repository });
  const claude = path.join(home, 'bin/claude');
  if (example.page === 'README.md') await symlink(realClaude('newest').command, claude);
  else {
    const { env, ...fake } = fakeClaude({ script: SCRIPT });
    await writeProgram(claude, { ...fake, env: { ...env, CLAUDE_CONFIG_DIR: path.join(home, '.claude') } });
  }
  return execa(process.execPath, [path.join(folder.path, `${fileNameOf(example)}.mjs`)], {
    cwd: repository,
    env: { ...account.env, HOME: home, TMPDIR: home, PATH: `${home}/bin:${process.env['PATH']}` },
    extendEnv: false,
    stdin: 'ignore',
    timeout: 45_000,
  });
}
