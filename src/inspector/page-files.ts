import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';

const require = createRequire(import.meta.url);
const root = path.dirname(require.resolve('claude-pool/package.json'));

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
};

/** The layout library runs in the page, in a worker of its own; the last one is bundled by the build. */
const LIBRARIES: Readonly<Record<string, string>> = {
  'elk-api.js': require.resolve('elkjs/lib/elk-api.js'),
  'elk-worker.min.js': require.resolve('elkjs/lib/elk-worker.min.js'),
  'stately-inspect.js': path.join(root, 'dist/src/inspector/page/stately-inspect.js'),
};

export interface PageFile {
  readonly type: string;
  readonly body: Buffer;
}

/** A file of the page; `undefined` when there is none of that name. The empty name is the page itself. */
export async function pageFile(name: string): Promise<PageFile | undefined> {
  const type = TYPES[path.extname(name === '' ? 'index.html' : name)];
  if (type === undefined || !/^[a-z.-]*$/.test(name)) return undefined;
  return readFile(LIBRARIES[name] ?? ownFile(name)).then(
    (body) => ({ type, body }),
    () => undefined,
  );
}

/** The sources are in the package, beside what is built of them. */
function ownFile(name: string): string {
  return path.join(root, 'src/inspector/page', name === '' ? 'index.html' : name);
}
