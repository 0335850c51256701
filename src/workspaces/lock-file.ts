import { randomUUID } from 'node:crypto';
import { watch } from 'node:fs';
import type { FSWatcher } from 'node:fs';
import { link, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { isSame, mayLive, ownIdentity, processIdentity } from './process-identity.ts';
import type { ProcessIdentity } from './process-identity.ts';
import { signalWithin } from './signal-within.ts';

/** The death of an owner makes no event: the longest time until it is noticed. */
const DEATH_NOTICE_MS = 1000;

/**
 * Takes the lock file, for this process or another, waiting for a live owner and taking over from a dead one.
 * Resolves with its release.
 */
export async function takeLockFile(
  file: string,
  signal: AbortSignal,
  owner?: ProcessIdentity,
): Promise<() => Promise<void>> {
  const own = owner ?? (await ownIdentity());
  for (;;) {
    signal.throwIfAborted();
    const change = nextChange(file, signal);
    try {
      if (await place(file, own)) return () => rm(file, { force: true });
      const holder = await ownerOf(file);
      if (holder === undefined) continue;
      if (await mayLive(holder)) await change.happened();
      else await clearAfter(holder, { file, signal });
    } finally {
      change.ignore();
    }
  }
}

/** Appears with its content at once, or not at all. */
async function place(file: string, own: ProcessIdentity): Promise<boolean> {
  const draft = `${file}.${randomUUID()}`;
  await writeFile(draft, JSON.stringify(own));
  try {
    await link(draft, file);
    return true;
  } catch (error) {
    if (isExisting(error)) return false;
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
}

async function ownerOf(file: string): Promise<ProcessIdentity | undefined> {
  const text = await readFile(file, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  return processIdentity.parse(JSON.parse(text));
}

/** Under a lock of its own: of two that saw the same dead owner, the second must not remove the first's lock. */
async function clearAfter(
  dead: ProcessIdentity,
  { file, signal }: { readonly file: string; readonly signal: AbortSignal },
): Promise<void> {
  const release = await takeLockFile(`${file}.takeover`, signal);
  try {
    const owner = await ownerOf(file);
    if (owner !== undefined && isSame(owner, dead)) await rm(file, { force: true });
  } finally {
    await release();
  }
}

interface Change {
  readonly happened: () => Promise<void>;
  readonly ignore: () => void;
}

/** Watches from the call on, so that a release between a try and the wait is seen. */
function nextChange(file: string, signal: AbortSignal): Change {
  const ignored = new AbortController();
  const ends = signalWithin(DEATH_NOTICE_MS, signal, ignored.signal);
  const seen = new Promise<void>((resolve) => {
    ends.addEventListener('abort', () => resolve(), { once: true });
    const watcher = openWatcher(path.dirname(file), (name) => {
      if (name === path.basename(file)) resolve();
    });
    ends.addEventListener('abort', () => watcher?.close(), { once: true });
  });
  return { happened: () => seen, ignore: () => ignored.abort() };
}

/** `undefined` where the machine has no more watchers: then the wait takes its longest. */
function openWatcher(folder: string, tell: (name: string | null) => void): FSWatcher | undefined {
  try {
    return watch(folder, (_, name) => tell(name)).on('error', () => undefined);
  } catch {
    return undefined;
  }
}

function isExisting(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EEXIST';
}
