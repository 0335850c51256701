import path from 'node:path';
import { linksOf } from './links.ts';
import type { Page } from './pages.ts';

/** Looked things up in, not read in a row. */
const BESIDE_THE_ROW = ['README.md', 'docs/public.api.md'];

const MAP = '## Map of the documentation';

/** Whether a page is one of those that are read one after the other. */
export function isInRow({ file }: Pick<Page, 'file'>): boolean {
  return /^docs\/.*\.md$/.test(file) && !BESIDE_THE_ROW.includes(file);
}

/** The last line of a page: its neighbours in the order of the README's map. */
export function footerOf(file: string, pages: readonly Page[]): string {
  const named = pages
    .filter((page) => page.file === 'README.md')
    .flatMap(({ file: from, text }) => linksOf({ file: from, text: text.slice(text.indexOf(MAP)) }));
  const row = [...new Set(named.filter(isInRow).map((link) => link.file))];
  const at = row.indexOf(file);
  const next = row[at + 1];
  const back = `Previous: ${linkTo(row[at - 1] ?? 'README.md')}`;
  return next === undefined ? back : `${back} · Next: ${linkTo(next)}`;
}

function linkTo(file: string): string {
  const title = path.basename(file, '.md').replaceAll('-', ' ');
  return `[${title}](${path.relative('docs', file)})`;
}
