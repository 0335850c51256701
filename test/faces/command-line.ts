import { on } from 'node:events';
import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { fakeClaude } from 'claude-pool/testing';
import type { FakeClaudeOptions } from 'claude-pool/testing';
import { execa } from 'execa';

const main = fileURLToPath(new URL('../../dist/bin/main.js', import.meta.url));

/** The command that a user would type. */
export const command: readonly [string, ...string[]] = [process.execPath, main];

/** A folder in which all that a command starts leaves its traces. */
export interface Scratch extends AsyncDisposable {
  /** Also marks the processes: it is in their environment. */
  readonly folder: string;
  /** Where temporary files go. */
  readonly temp: string;
  readonly env: Readonly<Record<string, string>>;
}

export async function scratch(): Promise<Scratch> {
  const folder = await realpath(await mkdtemp(path.join(tmpdir(), 'faces-')));
  const temp = path.join(folder, 'temp');
  await mkdir(temp);
  return {
    folder,
    temp,
    env: {
      HOME: folder,
      TMPDIR: temp,
      CLAUDE_CONFIG_DIR: path.join(folder, '.claude'),
      PATH: process.env['PATH'] ?? '',
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true, maxRetries: 5 }),
  };
}

interface StartOptions {
  readonly env: Readonly<Record<string, string>>;
  /** What stdin holds. @default nothing */
  readonly input?: string;
}

/** Starts the built command line as a process of its own, with this environment and no other. */
export function start(args: readonly string[], { env, input }: StartOptions) {
  const [program, ...before] = command;
  return execa(program, [...before, ...args], {
    env,
    extendEnv: false,
    reject: false,
    stripFinalNewline: false,
    ...(input === undefined ? { stdin: 'ignore' } : { input }),
  });
}

/** Starts it in a pseudo-terminal of that size. */
export function startInTerminal(
  args: readonly string[],
  { env, rows, columns }: StartOptions & { readonly rows: number; readonly columns: number },
) {
  const line = `stty rows ${rows} cols ${columns}; exec ${[...command, ...args].map(quoted).join(' ')}`;
  return execa('script', ['--quiet', '--return', '--command', line, '/dev/null'], {
    env: { ...env, TERM: 'xterm', SHELL: '/bin/sh' },
    extendEnv: false,
    reject: false,
    stdin: 'pipe',
  });
}

/** An executable file `claude` in the folder, that is the fake Claude. Its home is that of the command. */
export async function claudeFile(folder: string, options: FakeClaudeOptions): Promise<string> {
  const { command: program, args, env: own } = fakeClaude(options);
  const { CLAUDE_CONFIG_DIR: _home, ...env } = own;
  const file = path.join(folder, 'claude');
  const settings = Object.entries(env).map(([name, value]) => `export ${name}=${quoted(value)}`);
  const call = ['exec', ...[program, ...args].map(quoted), '"$@"'].join(' ');
  await writeFile(file, ['#!/bin/sh', ...settings, call, ''].join('\n'), { mode: 0o755 });
  return file;
}

/** Resolves when the text has come; rejects when the stream ends without it. */
export async function seen(stream: Readable, text: string): Promise<void> {
  let all = '';
  for await (const chunks of on(stream, 'data', { close: ['end', 'close'] })) {
    all += String(chunks);
    if (all.includes(text)) return;
  }
  throw new Error(`Expected \`${text}\`, got \`${all}\`.`);
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
