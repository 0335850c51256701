import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { ChainDraft } from './chains/chain-draft.ts';
import { parseChainFile } from './chains/parse-chain-file.ts';
import { PoolError } from './errors.ts';
import { skillFolders } from './skills/skill-folders.ts';

/**
 * Reads a chain from a YAML or JSON file, or one of this package by its name: `issue-to-pr`, `plan-then-execute`,
 * `refactor-and-test`, `review-and-fix`.
 * Rejects with `CHAIN_NOT_FOUND`, or `INVALID_OPTIONS` with the line and column of the fault.
 *
 * @example
 * const chain = await pool.runChain(await loadChain('release.yaml'), { arguments: { version: '1.2.0' } });
 */
export async function loadChain(
  pathOrName: string,
  { signal }: { readonly signal?: AbortSignal } = {},
): Promise<ChainDraft> {
  const isFile = /\.(?:ya?ml|json)$/.test(pathOrName);
  const file = isFile
    ? pathOrName
    : path.join(skillFolders().builtin, 'chains', `${path.basename(pathOrName)}.yaml`);
  const text = await readFile(file, { encoding: 'utf8', ...(signal && { signal }) }).catch(
    (cause: unknown) => {
      signal?.throwIfAborted();
      const message = `Expected a YAML or JSON file, or the name of a chain of this package, got \`${pathOrName}\`.`;
      throw new PoolError('CHAIN_NOT_FOUND', message, { cause });
    },
  );
  return parseChainFile(text, { path: file });
}
