import path from 'node:path';
import { proseOf } from './pages.ts';
import type { Page } from './pages.ts';

export interface Link {
  /** From the root. */
  readonly file: string;
  /** Empty for the whole file. */
  readonly heading: string;
}

/** The links of a page that lead to files. */
export function linksOf(page: Pick<Page, 'file' | 'text'>): readonly Link[] {
  const targets = [...proseOf(page).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target);
  const local = targets.filter((target) => !/^[a-z]+:/.test(target));
  return local.map((target) => {
    const [file = '', heading = ''] = target.split('#');
    return { file: file === '' ? page.file : path.join(path.dirname(page.file), file), heading };
  });
}
