import { spawn } from 'node:child_process';
import { say } from './fake-claude-process.ts';
import type { FakeProcess } from './fake-claude-process.ts';
import type { Answer, CliFault } from './script.ts';

/** The process ends. */
export type Crash = Extract<CliFault, { crash: string }>;

/** A fault of the process after which an answer follows. */
export type PassingFault = Extract<
  CliFault,
  { grandchild: true } | { malformedLine: string } | { hugeLineBytes: number }
>;

/** A fault that strikes once the result is printed. */
export type LateFault = Crash | Extract<CliFault, { hang: string }>;

/** Tells the faults after which an answer follows. */
export function isPassingFault(answer: Answer): answer is PassingFault {
  return 'grandchild' in answer || 'malformedLine' in answer || 'hugeLineBytes' in answer;
}

/** Tells the faults that strike once the result is printed. */
export function isLateFault(answer: Answer): answer is LateFault {
  return (
    ('crash' in answer && answer.crash === 'afterResult') ||
    ('hang' in answer && answer.hang === 'afterResult')
  );
}

/** Plays a fault that strikes once the result is printed. */
export function playLateFault(fault: LateFault): Promise<never> {
  return 'crash' in fault ? crash(fault) : hang();
}

/** Plays what stands before the answer. */
export function playPassingFault(claude: FakeProcess, fault: PassingFault): void {
  if ('grandchild' in fault) startGrandchild(fault.seconds);
  else if ('malformedLine' in fault) process.stdout.write(`${fault.malformedLine}\n`);
  else sayHugeLine(claude, fault.hugeLineBytes);
}

/** Ends the process without cleaning up. */
export function crash({ exitCode = 1, stderr }: Omit<Crash, 'crash'>): never {
  if (stderr !== undefined) process.stderr.write(`${stderr}\n`);
  process.exit(exitCode);
}

/** Neither answers nor hears anything from now on, and ignores the signals that can be ignored. */
export function hang(): Promise<never> {
  process.stdin.removeAllListeners('data');
  process.stdin.pause();
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
    process.removeAllListeners(signal);
    process.on(signal, () => undefined);
  }
  setInterval(() => undefined, 2 ** 30);
  return new Promise(() => undefined);
}

function startGrandchild(seconds = 3600): void {
  spawn('sleep', [String(seconds)], { detached: true, stdio: 'ignore' }).unref();
}

function sayHugeLine(claude: FakeProcess, bytes: number): void {
  say(claude, { type: 'system', subtype: 'informational', content: 'x'.repeat(bytes) });
}
