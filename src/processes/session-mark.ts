import { randomUUID } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { parseStat } from './linux-stat.ts';

/** What a session is marked with, so that its descendants are found even when their parents are gone. */
export const SESSION_MARK = 'CLAUDE_POOL_MARK';

/** The process that owns sessions. Pids mean something in their namespace only, such as one container. */
export interface Host {
  readonly pid: number;
  readonly startedAt: string;
  readonly namespace: string;
}

let self: { readonly host: Host | undefined } | undefined;

/** A new mark for one session. It tells who owns it, where that can be told. */
export function sessionMark(host: Host | undefined = thisHost()): string {
  const owner = host === undefined ? [] : [String(host.pid), host.startedAt, host.namespace];
  return [randomUUID(), ...owner].join('/');
}

/** Who owns the session with this mark, as far as the mark tells. */
export function hostOf(mark: string): Host | undefined {
  const [, pid, startedAt, namespace, ...rest] = mark.split('/');
  if (namespace === undefined || startedAt === undefined || rest.length > 0) return undefined;
  return /^[1-9]\d*$/.test(pid ?? '') ? { pid: Number(pid), startedAt, namespace } : undefined;
}

/** This process, as its marks tell it. Linux only. */
export function thisHost(): Host | undefined {
  self ??= { host: lookUp() };
  return self.host;
}

function lookUp(): Host | undefined {
  if (process.platform !== 'linux') return undefined;
  try {
    const stat = parseStat(readFileSync('/proc/self/stat', 'utf8'));
    // A `/proc` of another namespace counts otherwise.
    if (stat?.pid !== process.pid) return undefined;
    return { pid: stat.pid, startedAt: stat.startedAt, namespace: readlinkSync('/proc/self/ns/pid') };
  } catch {
    return undefined;
  }
}
