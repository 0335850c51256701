import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { footerOf } from './footer.ts';
import { documentationPages } from './pages.ts';
import { verdictsPage } from './verdicts-page.ts';

const PAGE = fileURLToPath(new URL('../../docs/verdicts.md', import.meta.url));

test('`docs/verdicts.md` says what the verdict table does; `UPDATE_DOCS=1` writes it anew', async () => {
  const page = await verdictsPage(PAGE, footerOf('docs/verdicts.md', await documentationPages()));

  if (process.env['UPDATE_DOCS'] === '1') await writeFile(PAGE, page);

  expect(await readFile(PAGE, 'utf8')).toBe(page);
});
