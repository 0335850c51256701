import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { POOL_ERROR_CODES } from '../../src/errors.ts';
import { ROOT } from './pages.ts';

test('every code of an error has one paragraph, with its cause and what to do', async () => {
  const page = await readFile(path.join(ROOT, 'docs/troubleshooting.md'), 'utf8');

  const paragraphs = [...page.matchAll(/^\*\*`([A-Z_]+)`\*\*: (.+(?:\n.+)*)$/gm)];
  expect(new Set(paragraphs.map(([, code]) => code))).toEqual(new Set(POOL_ERROR_CODES));
  expect(paragraphs).toHaveLength(POOL_ERROR_CODES.length);
  for (const [, code, text = ''] of paragraphs) {
    expect(text.split('. ').length, `Sentences about ${code}`).toBeGreaterThan(1);
  }
});
