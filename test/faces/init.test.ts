import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { loadConfig } from 'claude-pool';
import { expect, test } from 'vitest';
import { configTemplate } from '../../src/cli/setup/config-template.ts';
import { scratch, start } from './command-line.ts';

test('`init` writes a configuration that sets nothing, ignores the state, and does nothing twice', async () => {
  await using place = await scratch();
  await mkdir(path.join(place.folder, '.git'));
  await mkdir(path.join(place.folder, 'deep'));
  await writeFile(path.join(place.folder, '.gitignore'), 'dist');
  const init = (...flags: string[]) =>
    start(['init', '--cwd', path.join(place.folder, 'deep'), ...flags], place);

  const first = await init();
  const second = await init('--json');

  const file = path.join(place.folder, '.claude-pool', 'config.yaml');
  expect(first).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('claude mcp add claude-pool') });
  expect(JSON.parse(second.stdout).data).toMatchObject({
    root: place.folder,
    config: { file, change: 'kept' },
    gitignore: 'kept',
  });
  expect(await readFile(path.join(place.folder, '.gitignore'), 'utf8')).toBe('dist\n.claude-pool/state/\n');
  expect(await loadConfig({ folder: place.folder, home: '/nowhere' })).toMatchObject({ config: {} });
});

test('`init` leaves a configuration of the project alone', async () => {
  await using place = await scratch();
  const file = path.join(place.folder, '.claude-pool', 'config.json');
  await mkdir(path.dirname(file));
  await writeFile(file, '{ "slots": 3 }');

  const { stdout } = await start(['init', '--cwd', place.folder, '--json'], place);

  expect(JSON.parse(stdout).data).toMatchObject({ config: { file, change: 'kept' }, gitignore: null });
  expect(await readFile(file, 'utf8')).toBe('{ "slots": 3 }');
});

test('every line of the template is a valid option', async () => {
  await using place = await scratch();
  const options = configTemplate('x').replaceAll(/^# (?=\w+: )(?!yaml)/gm, '');
  await mkdir(path.join(place.folder, '.claude-pool'));
  await writeFile(path.join(place.folder, '.claude-pool', 'config.yaml'), options);

  const { config } = await loadConfig({ folder: place.folder, home: '/nowhere' });

  expect(Object.keys(config).toSorted()).toEqual(
    'allowedTools budgetUsd drainTimeoutMs effort mcp model permissionMode retries slots stateDir taskTimeoutMs workspace'.split(
      ' ',
    ),
  );
});
