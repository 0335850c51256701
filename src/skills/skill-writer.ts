import { randomUUID } from 'node:crypto';
import { cp, lstat, mkdir, realpath, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { PoolError } from '../errors.ts';

/** Changes one folder of skills, each change whole or not at all, and nothing outside the folder. */
export interface SkillWriter {
  /** Writes `<folder>/SKILL.md` and tells its path. */
  readonly write: (folder: string, text: string) => Promise<string>;
  /** Copies a whole folder of a skill and tells the path of its SKILL.md. */
  readonly copy: (folder: string, from: string) => Promise<string>;
  /** Deletes one entry of the folder: a skill's folder, or a file. A link is deleted, not what it points to. */
  readonly remove: (entry: string) => Promise<void>;
}

export function skillWriter(root: string): SkillWriter {
  return {
    async write(folder, text) {
      const target = await ownFolder(root, folder);
      await mkdir(target, { recursive: true });
      const file = path.join(target, 'SKILL.md');
      const draft = path.join(target, `.${randomUUID()}.tmp`);
      await wholly(draft, async () => {
        await writeFile(draft, text, { flag: 'wx', flush: true });
        await rename(draft, file);
      });
      return file;
    },
    async copy(folder, from) {
      const target = await ownFolder(root, folder);
      const draft = path.join(root, `.${randomUUID()}.tmp`);
      await wholly(draft, async () => {
        await cp(from, draft, { recursive: true, dereference: true, errorOnExist: true, force: false });
        await rename(draft, target);
      });
      return path.join(target, 'SKILL.md');
    },
    async remove(entry) {
      await checkRoot(root);
      const draft = path.join(root, `.${randomUUID()}.tmp`);
      await wholly(draft, () => rename(path.join(root, path.basename(entry)), draft));
      await rm(draft, { recursive: true, force: true });
    },
  };
}

async function ownFolder(root: string, folder: string): Promise<string> {
  await mkdir(root, { recursive: true });
  await checkRoot(root);
  const target = path.join(root, path.basename(folder));
  const existing = await lstat(target).catch(() => undefined);
  if (existing?.isSymbolicLink() === true) throw linked(target, 'a link');
  return target;
}

/** A link in place of `.claude-pool` or `skills` would lead the write elsewhere. */
async function checkRoot(root: string): Promise<void> {
  const above = path.dirname(path.dirname(root));
  const expected = path.join(await realpath(above), path.relative(above, root));
  const actual = await realpath(root);
  if (actual !== expected) throw linked(root, `a link to ${actual}`);
}

function linked(place: string, got: string): PoolError {
  return new PoolError(
    'INVALID_STATE',
    `Expected ${place} to be a folder of its own, got ${got}. Nothing was written: replace the link by a folder.`,
  );
}

async function wholly(draft: string, change: () => Promise<void>): Promise<void> {
  try {
    await change();
  } catch (cause) {
    await rm(draft, { recursive: true, force: true });
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new PoolError('INVALID_STATE', `Expected to be able to change the skills, got: ${reason}`, {
      cause,
    });
  }
}
