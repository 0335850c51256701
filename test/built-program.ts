import { renameSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';

const FOLDER = fileURLToPath(new URL('../temp/programs/', import.meta.url));

/** Builds a program of the tests into one file: each start through `tsx` takes twice as long. */
export function builtProgram(source: URL): string {
  const name = path.basename(source.pathname, '.ts');
  const file = path.join(FOLDER, `${name}.mjs`);
  const draft = path.join(FOLDER, `${name}.${process.pid}.mjs`);
  buildSync({
    entryPoints: [fileURLToPath(source)],
    outfile: draft,
    bundle: true,
    format: 'esm',
    platform: 'node',
    packages: 'external',
  });
  // Another test file may be starting the one before.
  renameSync(draft, file);
  return file;
}
