import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { fakeApi, realClaude, scratchHome } from 'claude-pool/testing';
import { execa } from 'execa';
import { expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

test("the README's example runs as it stands, on the real CLI found on the PATH", async () => {
  const readme = await readFile(path.join(ROOT, 'README.md'), 'utf8');
  const [, example = ''] = /```ts\n(import \{ createPool[^`]*)```/.exec(readme) ?? [];
  await using folder = await temporaryFolder();
  await using api = await fakeApi({
    script: { rules: [{ when: 'haiku', answers: [{ text: 'tasks wait in a row' }] }] },
  });
  await using home = await scratchHome({ url: api.url });
  await mkdir(path.join(folder.path, 'node_modules'));
  await symlink(ROOT, path.join(folder.path, 'node_modules/claude-pool'));
  await symlink(realClaude('newest').command, path.join(folder.path, 'claude'));
  await writeFile(path.join(folder.path, 'example.mts'), example);

  const { stdout, exitCode } = await execa(
    process.execPath,
    ['--import', import.meta.resolve('tsx'), 'example.mts'],
    {
      cwd: folder.path,
      env: { ...home.env, PATH: `${folder.path}:${process.env['PATH']}` },
      extendEnv: false,
    },
  );

  expect(exitCode).toBe(0);
  expect(example.trim().split('\n').length).toBeLessThanOrEqual(20);
  expect(stdout).toContain('echo: Which function has no test?');
  expect(stdout).toContain('tasks wait in a row');
  expect(stdout).toContain('completedTasks: 4');
});

async function temporaryFolder(): Promise<AsyncDisposable & { readonly path: string }> {
  const folder = await mkdtemp(path.join(tmpdir(), 'readme-'));
  return { path: folder, [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) };
}
