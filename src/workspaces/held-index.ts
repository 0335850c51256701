import { link, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { AdvanceEntry } from './advance-journal.ts';

/** The index of a checkout, which no git changes while the lock is there. */
export interface HeldIndex {
  readonly index: string;
  readonly lock: string;
  /** The index as it is to become. Git works on this one. */
  readonly next: string;
}

export function heldIndex(gitDir: string, { id }: Pick<AdvanceEntry, 'id'>): HeldIndex {
  const index = path.join(gitDir, 'index');
  return { index, lock: `${index}.lock`, next: path.join(gitDir, `claude-pool-index-${id}`) };
}

/** Says no when another git holds it. */
export async function holdIndex({ lock, next }: HeldIndex): Promise<boolean> {
  const draft = `${next}.draft`;
  await writeFile(draft, wordsOf(next));
  try {
    await link(draft, lock);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
}

export async function isHeld({ lock, next }: HeldIndex): Promise<boolean> {
  return (await readFile(lock, 'utf8').catch(() => '')) === wordsOf(next);
}

export async function releaseIndex({ lock, next }: HeldIndex): Promise<void> {
  for (const file of [`${next}.draft`, `${next}.lock`, next, lock]) await rm(file, { force: true });
}

function wordsOf(next: string): string {
  return `claude-pool is merging into this checkout (${path.basename(next)}).\nIf no pool runs, \`claude-pool worktrees --prune\` puts it in order.\n`;
}
