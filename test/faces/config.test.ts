import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { claudeFile, scratch, start } from './command-line.ts';

test('a command takes what is configured where Claude works, and its flags win', async () => {
  await using place = await scratch();
  const claude = await claudeFile(place.folder, { script: { rules: [] } });
  await configured(place.folder, `claude: { command: ${claude} }\nmodel: haiku\nslots: 4\neffort: low\n`);

  const { stdout, stderr } = await start(
    ['run', '--json', '--cwd', place.folder, '--model', 'opus', 'hello'],
    place,
  );

  expect(stderr).toBe('');
  expect(JSON.parse(stdout)).toMatchObject({ data: { output: 'echo: hello', model: 'opus' } });
});

test('a fault of the configuration is wrong usage, and nothing is started', async () => {
  await using place = await scratch();
  await configured(place.folder, 'modle: opus\n');

  const { exitCode, stdout } = await start(['run', '--json', '--cwd', place.folder, 'hello'], place);

  const file = path.join(place.folder, '.claude-pool', 'config.yaml');
  expect(exitCode).toBe(2);
  expect(JSON.parse(stdout)).toMatchObject({
    error: {
      code: 'INVALID_OPTIONS',
      message: `${file}:1:1: Expected only known options, got \`modle\`.`,
    },
  });
});

async function configured(folder: string, text: string): Promise<void> {
  await mkdir(path.join(folder, '.claude-pool'), { recursive: true });
  await writeFile(path.join(folder, '.claude-pool', 'config.yaml'), text);
}
