import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** The files in which Claude has written what was said in a conversation. */
export interface Transcripts {
  readonly conversation: string;
  readonly subagents: readonly string[];
}

export interface ConversationPlace {
  /** Claude's own folder. */
  readonly home: string;
  /** Where the session worked. */
  readonly cwd: string;
  readonly sessionId: string;
}

/** Undefined when the conversation has no transcript. */
export async function findTranscripts({
  home,
  cwd,
  sessionId,
}: ConversationPlace): Promise<Transcripts | undefined> {
  const projects = join(home, 'projects');
  const own = join(projects, cwd.replaceAll(/[^a-zA-Z\d]/g, '-'));
  const folder = (await has(own, sessionId)) ? own : await otherFolder(projects, sessionId);
  if (folder === undefined) return undefined;
  return {
    conversation: fileIn(folder, sessionId),
    subagents: await linesBelow(join(folder, sessionId)),
  };
}

/** Claude shortens long names in its own way, and a session can move to another directory. */
async function otherFolder(projects: string, sessionId: string): Promise<string | undefined> {
  for (const name of await readdir(projects).catch(noneWhenMissing)) {
    const folder = join(projects, name);
    if (await has(folder, sessionId)) return folder;
  }
  return undefined;
}

async function linesBelow(folder: string): Promise<string[]> {
  const names = await readdir(folder, { recursive: true }).catch(noneWhenMissing);
  return names.filter((name) => name.endsWith('.jsonl')).map((name) => join(folder, name));
}

async function has(folder: string, sessionId: string): Promise<boolean> {
  try {
    return (await stat(fileIn(folder, sessionId))).isFile();
  } catch (error) {
    if (isCoded(error, 'ENOENT') || isCoded(error, 'ENOTDIR')) return false;
    throw error;
  }
}

function fileIn(folder: string, sessionId: string): string {
  return join(folder, `${sessionId}.jsonl`);
}

function noneWhenMissing(error: unknown): string[] {
  if (isCoded(error, 'ENOENT')) return [];
  throw error;
}

function isCoded(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
