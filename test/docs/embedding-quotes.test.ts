import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const DOCS = fileURLToPath(new URL('../../docs', import.meta.url));

test('`docs/embedding.md` quotes its examples as they are, and leaves none out', async () => {
  const page = await readFile(path.join(DOCS, 'embedding.md'), 'utf8');
  const names = await readdir(path.join(DOCS, 'examples'));
  const examples = await Promise.all(
    names.map((name) => readFile(path.join(DOCS, 'examples', name), 'utf8')),
  );

  const quotes = [...page.matchAll(/```typescript\n(.*?)\n```/gs)].map(([, quote = '']) => quote);

  expect(quotes.filter((quote) => !examples.some((example) => example.includes(quote)))).toEqual([]);
  expect(names.filter((name) => !page.includes(`(examples/${name})`))).toEqual([]);
  expect(examples.filter((example) => !quotes.some((quote) => example.includes(quote)))).toEqual([]);
});
