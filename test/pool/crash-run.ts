import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, existsSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as after } from 'node:timers/promises';
import Database from 'libsql';
import type { Script } from 'claude-pool/testing';
import { builtProgram } from '../built-program.ts';
import { faultsIn } from './crash-audit.ts';
import type { CrashLine, CrashPlan, CrashReport } from './crash-types.ts';
import type { FsyncFault } from './failing-fsync.ts';
import { houseIn } from './house.ts';
import type { House } from './house.ts';

const WORKER = builtProgram(new URL('crash-worker.ts', import.meta.url));

export interface CrashOptions {
  /** A folder for all that the run writes. */
  readonly home: string;
  readonly kills: number;
  /** How long a pool lives at most once it is open, in milliseconds. One in five is killed while it starts. */
  readonly longestMs: number;
  readonly tell?: (text: string) => void;
}

const SCRIPT: Script = {
  rules: [
    { when: 'slow', answers: [{ text: ['one ', 'two ', 'three'], delayMs: 30, pieceDelayMs: 30 }] },
    {
      when: 'tools',
      answers: [
        { toolUse: { name: 'Read', input: { file_path: 'none' } }, delayMs: 20 },
        { text: 'done', delayMs: 40 },
      ],
    },
    { when: 'refused', answers: [{ status: 400 }] },
  ],
};
const KINDS = ['quick', 'slow', 'tools', 'refused', 'review', 'chain'];

/** Kills a pool under load again and again, and tells what is wrong in the end. */
export async function crashRun({ home, kills, longestMs, tell }: CrashOptions): Promise<CrashReport> {
  const place = houseIn(home, SCRIPT, {
    slots: 4,
    session: 'fresh',
    budgetUsd: 1_000,
    reservationUsd: RESERVED,
  });
  const said: CrashLine[] = [];
  let fullDisks = 0;
  let failedFsyncs = 0;
  let tornWrites = 0;

  for (let kill = 1; kill <= kills; kill += 1) {
    const isFull = Math.random() < 0.1 && fillDisk(place);
    const fsync = !isFull && Math.random() < 0.1 ? anyFault() : undefined;
    const before = said.length;
    const life = start(place, said, { isLast: false, ...(fsync && { fsync }) });
    if (Math.random() >= 0.2) await Promise.race([life.open, life.gone]);
    const isFaulty = isFull || fsync !== undefined;
    await Promise.race([
      after(isFaulty ? FAULT_MS : Math.random() * longestMs, undefined, { ref: false }),
      life.gone,
    ]);
    life.child.kill('SIGKILL');
    await life.gone;
    if (isFull) freeDisk(place);
    if (isFull) fullDisks += forgiven(said, before);
    if (fsync !== undefined) failedFsyncs += forgiven(said, before);
    if (Math.random() < 0.2) tornWrites += tearLog(place);
    tell?.(`${kill} of ${kills} kills, ${said.filter(({ type }) => type === 'ended').length} ends`);
  }
  const last = start(place, said, { isLast: true });
  await last.gone;
  const audit = await faultsIn(place, said, RESERVED);
  return { kills, fullDisks, failedFsyncs, tornWrites, ...audit };
}

/** How long a pool may take to meet the fault that was set for it, and to end. */
const FAULT_MS = 10_000;

/** What an attempt sets aside, in US dollars. */
const RESERVED = 0.05;

function start(place: House, said: CrashLine[], given: Pick<CrashPlan, 'isLast' | 'fsync'>) {
  const plan: CrashPlan = { options: place.options, kinds: KINDS, ...given };
  const args = [WORKER, JSON.stringify(plan)];
  const child: ChildProcess = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const lines = child.stdout === null ? undefined : createInterface({ input: child.stdout });
  const open = new Promise<void>((resolve) => {
    lines?.on('line', (text) => {
      const line: CrashLine = JSON.parse(text);
      if (line.type === 'open') resolve();
      else said.push(line);
    });
  });
  return { child, open, gone: once(child, 'close') };
}

/** Some commits on, one fails in its middle, as on a full disk. Whether there is a store already. */
function fillDisk({ stateDir }: House): boolean {
  return altered(stateDir, (database) => {
    const row = database.prepare('SELECT last_event_seq AS last FROM pool').get();
    const bound = Number(Object(row).last) + 20 + Math.floor(Math.random() * 60);
    const raise = "SELECT RAISE(ABORT, 'no space left on device')";
    database.exec(
      `CREATE TRIGGER full_disk BEFORE INSERT ON events WHEN new.seq > ${bound} BEGIN ${raise}; END`,
    );
  });
}

function freeDisk({ stateDir }: House): void {
  altered(stateDir, (database) => database.exec('DROP TRIGGER full_disk'));
}

/** Takes back what a pool said of a failure that was brought about, and counts it. */
function forgiven(said: CrashLine[], from: number): number {
  const failures = said.slice(from).filter(({ type }) => type === 'failed');
  for (const failure of failures) said.splice(said.indexOf(failure), 1);
  return failures.length;
}

/** Some commits on, or at the very first. */
function anyFault(): FsyncFault {
  return { after: Math.floor(Math.random() * 60), isKept: Math.random() < 0.5 };
}

/** What a write leaves that the power cut short: a piece of a frame at the end of the log. */
function tearLog({ stateDir }: House): number {
  const log = path.join(stateDir, 'pool.db-wal');
  if (!existsSync(log)) return 0;
  appendFileSync(log, crypto.getRandomValues(new Uint8Array(1 + Math.floor(Math.random() * 6_000))));
  return 1;
}

function altered(stateDir: string, work: (database: Database.Database) => void): boolean {
  const file = path.join(stateDir, 'pool.db');
  if (!existsSync(file)) return false;
  const database = new Database(file);
  try {
    work(database);
    return true;
  } catch {
    return false;
  } finally {
    database.close();
  }
}
