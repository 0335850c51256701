import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** A piece of code in a page. */
export interface CodeBlock {
  readonly page: string;
  /** The heading that it stands below. */
  readonly heading: string;
  readonly language: string;
  readonly code: string;
  /** Line of its first line in the page, from 1. */
  readonly line: number;
}

/** A page of the documentation. */
export interface Page {
  /** Relative to the root, such as `docs/chains.md`. */
  readonly file: string;
  readonly text: string;
  readonly blocks: readonly CodeBlock[];
}

/** The README and all pages of `docs/`. */
export async function documentationPages(): Promise<readonly Page[]> {
  const names = (await readdir(path.join(ROOT, 'docs'))).filter((name) => name.endsWith('.md'));
  const files = ['README.md', ...names.toSorted().map((name) => `docs/${name}`)];
  return Promise.all(files.map(readPage));
}

async function readPage(file: string): Promise<Page> {
  const text = await readFile(path.join(ROOT, file), 'utf8');
  return { file, text, blocks: blocksOf(file, text) };
}

function blocksOf(page: string, text: string): readonly CodeBlock[] {
  const blocks: CodeBlock[] = [];
  let heading = '';
  let open: { readonly language: string; readonly line: number } | undefined;
  const lines = text.split('\n');
  for (const [index, line] of lines.entries()) {
    const [, fence] = /^```(\S*)$/.exec(line) ?? [];
    if (fence === undefined) {
      if (open === undefined) heading = /^#+ (.*)$/.exec(line)?.[1] ?? heading;
    } else if (open === undefined) {
      open = { language: fence, line: index + 2 };
    } else {
      blocks.push({ page, heading, ...open, code: lines.slice(open.line - 1, index).join('\n') });
      open = undefined;
    }
  }
  return blocks;
}

/** The text of a page without its code, as a reader's prose. */
export function proseOf({ text }: Pick<Page, 'text'>): string {
  return text.replaceAll(/^```.*?^```$/gms, '');
}
