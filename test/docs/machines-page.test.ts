import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { footerOf } from './footer.ts';
import { machinesPage } from './machines-page.ts';
import { documentationPages } from './pages.ts';

const PAGE = fileURLToPath(new URL('../../docs/machines.md', import.meta.url));

test('the page of machines is drawn from the machines that run', async () => {
  const page = machinesPage(footerOf('docs/machines.md', await documentationPages()));

  if (process.env['UPDATE_DOCS'] === '1') await writeFile(PAGE, page);

  expect(await readFile(PAGE, 'utf8')).toBe(page);
});
