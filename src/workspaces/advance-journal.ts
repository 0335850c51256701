import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import type { Repository } from './repository.ts';
import { writeWhole } from './write-whole.ts';

/** A branch that is being moved. It stays when the pool that moves it is killed. */
export type AdvanceEntry = z.infer<typeof entry>;

const entry = z.object({
  version: z.literal(1),
  id: z.string(),
  /** Nothing has changed before `moving`. */
  status: z.enum(['checking', 'moving']),
  /** Short name. */
  branch: z.string(),
  previous: z.string(),
  commit: z.string(),
  /** Where the branch is checked out. */
  checkout: z.object({ path: z.string(), gitDir: z.string() }).optional(),
});

export async function readAdvance(repository: Repository): Promise<AdvanceEntry | undefined> {
  const text = await readFile(fileOf(repository), 'utf8').catch(() => undefined);
  return text === undefined ? undefined : entry.parse(JSON.parse(text));
}

export function writeAdvance(repository: Repository, advance: AdvanceEntry): Promise<void> {
  return writeWhole(fileOf(repository), JSON.stringify(advance));
}

export function dropAdvance(repository: Repository): Promise<void> {
  return rm(fileOf(repository), { force: true });
}

function fileOf({ stateDir }: Repository): string {
  return path.join(stateDir, 'advance.json');
}
