import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { machinesPage } from './docs-machines.ts';

const PAGE = fileURLToPath(new URL('../docs/machines.md', import.meta.url));

test('the page of machines is drawn from the machines that run', async () => {
  if (process.env['UPDATE_DOCS'] === '1') await writeFile(PAGE, machinesPage());

  expect(await readFile(PAGE, 'utf8')).toBe(machinesPage());
});
