import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { ROOT } from './pages.ts';

/** Parts of types that nobody needs by name. `poolMachine` is in `claude-pool/machines`, with its types. */
const NAMELESS = [
  'ArgumentDraft',
  'EventBase',
  'FileChange',
  'Interruption',
  'Micros',
  'Named',
  'POOL_ERROR_CODES',
  'PartDraft',
  'ProcessExit',
  'SessionSettings',
  'SkillSignal',
  'SkillValue',
  'Timestamp',
  'poolMachine',
];

test('every exported name has a sentence that says what it is', async () => {
  const bare = [...(await report()).matchAll(/^\/\/ @public \(undocumented\)\n(export .*)$/gm)];

  expect(bare.map(([, declaration]) => declaration)).toEqual([]);
});

test('every type that the public API mentions can be imported', async () => {
  const missing = [...(await report()).matchAll(/The symbol "(\w+)" needs to be exported/g)];

  expect(new Set(missing.map(([, name]) => name))).toEqual(new Set(NAMELESS));
});

/** API Extractor ends lines as Windows does. */
async function report(): Promise<string> {
  const text = await readFile(path.join(ROOT, 'docs/public.api.md'), 'utf8');
  return text.replaceAll('\r\n', '\n');
}
