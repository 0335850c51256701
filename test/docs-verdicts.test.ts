import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { verdictsPage } from './docs-verdicts.ts';

const PAGE = fileURLToPath(new URL('../docs/verdicts.md', import.meta.url));

test('`docs/verdicts.md` says what the verdict table does; `UPDATE_DOCS=1` writes it anew', async () => {
  const page = await verdictsPage(PAGE);

  if (process.env['UPDATE_DOCS'] === '1') await writeFile(PAGE, page);

  expect(await readFile(PAGE, 'utf8')).toBe(page);
  expect(page.split('\n').length).toBeLessThanOrEqual(150);
});
