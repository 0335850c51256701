import { access, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { footerOf, isInRow } from './footer.ts';
import { linksOf } from './links.ts';
import type { Link } from './links.ts';
import { ROOT, documentationPages, proseOf } from './pages.ts';
import type { Page } from './pages.ts';

/** Made by a tool from the code, and as long as that is. */
const GENERATED = ['docs/public.api.md', 'docs/machines.md'];

test('a page has at most 150 lines', async () => {
  const pages = await documentationPages();

  const long = pages.filter((page) => !GENERATED.includes(page.file)).filter((page) => lengthOf(page) > 150);
  expect(long.map((page) => `${page.file}: ${lengthOf(page)} lines`)).toEqual([]);
});

test('every relative link leads to a file, and to a heading where it names one', async () => {
  const pages = await documentationPages();

  const broken: string[] = [];
  for (const page of pages) {
    for (const link of linksOf(page)) {
      if (!(await isThere(link, pages))) broken.push(`${page.file}: ${link.file}#${link.heading}`);
    }
  }
  expect(broken).toEqual([]);
});

test('the map of the README has every page', async () => {
  const [readme, ...pages] = await documentationPages();
  const mapped = readme === undefined ? [] : linksOf(readme).map(({ file }) => file);

  expect(pages.map(({ file }) => file).filter((file) => !mapped.includes(file))).toEqual([]);
});

test('pages lead to each other in the order of the map; `UPDATE_DOCS=1` mends their last lines', async () => {
  const pages = await documentationPages();

  const stale: string[] = [];
  for (const page of pages.filter(isInRow)) {
    const footer = footerOf(page.file, pages);
    if (page.text.endsWith(`\n\n${footer}\n`)) continue;
    stale.push(`${page.file}: expected its last line to be \`${footer}\``);
    if (process.env['UPDATE_DOCS'] === '1') await replaceFooter(page, footer);
  }
  expect(stale).toEqual([]);
});

function lengthOf({ text }: Page): number {
  return text.trimEnd().split('\n').length;
}

async function isThere({ file, heading }: Link, pages: readonly Page[]): Promise<boolean> {
  if (heading !== '') {
    const target = pages.find((page) => page.file === file);
    return target !== undefined && anchorsOf(target).includes(heading);
  }
  return access(path.join(ROOT, file)).then(
    () => true,
    () => false,
  );
}

/** As GitHub makes them. */
function anchorsOf(page: Page): readonly string[] {
  const headings = [...proseOf(page).matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) => heading);
  return headings.map((heading) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

async function replaceFooter({ file, text }: Page, footer: string): Promise<void> {
  const body = text.replace(/\n(?:Previous|Next|See them live): \[[^\n]*\n$/, '\n').trimEnd();
  await writeFile(path.join(ROOT, file), `${body}\n\n${footer}\n`);
}
