import { mkdir, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { keptFolder } from './layout.ts';
import { preserveWork } from './preserve-work.ts';
import type { Preservation } from './preserve-work.ts';
import type { Repository } from './repository.ts';
import { worktreeError } from './worktree-error.ts';

export interface Restart extends Preservation {
  readonly base: string;
}

/** Saves what was left, then makes the worktree clean and puts its branch at the base. Returns the preserved ref. */
export async function resetWorktree(repository: Repository, restart: Restart): Promise<string | undefined> {
  const { ref, nested } = await preserveWork(repository, restart);
  await demandSavedSubmodules(restart);
  await moveAway(restart, nested);
  await checkOut(restart);
  const skipped = await clean(restart);
  await moveAway(restart, skipped);
  if (skipped.length > 0) await clean(restart);
  return ref;
}

async function demandSavedSubmodules({ worktree, place, signal }: Restart): Promise<void> {
  const isUsed = await stat(path.join(worktree.gitDir, 'modules')).then(
    () => true,
    () => false,
  );
  if (!isUsed) return;
  const status = ['status', '--porcelain', '-z', '--untracked-files=normal', '--ignore-submodules=none'];
  const text = await worktree.git([...status, '--no-renames'], { signal });
  const dirty = text
    .split('\0')
    .filter((entry) => /^.[Mm]/.test(entry))
    .map((entry) => entry.slice(3));
  const modules = await submodulesOf({ worktree, signal });
  const unsaved = dirty.filter((file) => modules.has(file));
  if (unsaved.length > 0) throw unsavedSubmodules(place.path, unsaved);
  if (modules.size > 0) await worktree.change(['submodule', 'deinit', '--force', '--all'], { signal });
}

async function submodulesOf({
  worktree,
  signal,
}: Pick<Restart, 'worktree' | 'signal'>): Promise<ReadonlySet<string>> {
  const text = await worktree.git(['ls-files', '-z', '--stage'], { signal });
  const entries = text.split('\0').filter((entry) => entry.startsWith('160000 '));
  return new Set(entries.map((entry) => entry.slice(entry.indexOf('\t') + 1)));
}

async function checkOut({ worktree, place, base, signal }: Restart): Promise<void> {
  for (const state of ['rebase-merge', 'rebase-apply']) {
    await rm(path.join(worktree.gitDir, state), { recursive: true, force: true });
  }
  await worktree.change(['checkout', '--quiet', '--force', '--no-track', '-B', place.branch, base], {
    signal,
  });
}

/** Returns the repositories that git left alone. */
async function clean({ worktree, signal }: Restart): Promise<readonly string[]> {
  const words = await worktree.change(['clean', '-fdx'], { signal });
  return words.split('\n').flatMap((line) => {
    const [, name] = /^Skipping repository (.+)$/.exec(line) ?? [];
    return name === undefined ? [] : [unquoted(name).replace(/\/$/, '')];
  });
}

function unquoted(name: string): string {
  return name.startsWith('"') ? String(JSON.parse(name)) : name;
}

async function moveAway({ place, ...saving }: Restart, folders: readonly string[]): Promise<void> {
  for (const folder of folders) {
    const goal = await freeName(path.join(keptFolder(place, saving), folder));
    await mkdir(path.dirname(goal), { recursive: true });
    await rename(path.join(place.path, folder), goal);
  }
}

async function freeName(wanted: string): Promise<string> {
  for (let count = 1; ; count += 1) {
    const name = count === 1 ? wanted : `${wanted}.${count}`;
    const isTaken = await stat(name).then(
      () => true,
      () => false,
    );
    if (!isTaken) return name;
  }
}

function unsavedSubmodules(folder: string, names: readonly string[]): Error {
  const list = names.map((name) => `\`${name}\``).join(', ');
  return worktreeError(
    `Expected the submodules of \`${folder}\` to be as they were checked out, and ${list} changed. Commit and push there, or move the changes away.`,
  );
}
