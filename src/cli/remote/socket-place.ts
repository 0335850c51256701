import { existsSync, mkdtempSync, readlinkSync, rmdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** What fits into the address of a unix socket everywhere, in bytes. */
const LONGEST = 100;
const FILE = 'pool.sock';
const PREFIX = 'claude-pool-';
const PREFIX_BYTES = `/${PREFIX}123456/${FILE}`.length;

/** Where the pool of a state folder is reached. */
export function socketOf(stateDir: string): string {
  const name = path.resolve(stateDir, FILE);
  return targetOf(name) ?? name;
}

/** Where a server listens, and the way to leave nothing there. */
export interface SocketPlace extends Disposable {
  readonly path: string;
}

/**
 * Takes the place of the socket. Call it with the lock of the state folder held: what is there is of a dead server then.
 * A path that is too long for a socket becomes a link to one in a private folder.
 */
export function takePlace(stateDir: string): SocketPlace {
  const name = path.resolve(stateDir, FILE);
  clear(name);
  const clearing = (): void => clear(name);
  if (Buffer.byteLength(name) <= LONGEST) return { path: name, [Symbol.dispose]: clearing };
  const target = path.join(mkdtempSync(path.join(runtimeFolder(), PREFIX)), FILE);
  symlinkSync(target, name);
  return { path: target, [Symbol.dispose]: clearing };
}

function clear(name: string): void {
  const target = targetOf(name);
  rmSync(name, { force: true });
  const folder = path.dirname(target ?? name);
  if (target === undefined || !path.basename(folder).startsWith(PREFIX) || !existsSync(folder)) return;
  rmSync(target, { force: true });
  rmdirSync(folder);
}

function targetOf(name: string): string | undefined {
  try {
    return readlinkSync(name);
  } catch {
    return undefined;
  }
}

function runtimeFolder(): string {
  const folders = [process.env['XDG_RUNTIME_DIR'] ?? '', tmpdir()];
  return folders.find(isFit) ?? '/tmp';
}

function isFit(folder: string): boolean {
  return existsSync(folder) && Buffer.byteLength(folder) + PREFIX_BYTES <= LONGEST;
}
