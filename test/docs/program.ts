import { chmod, writeFile } from 'node:fs/promises';

/** What `fakeClaude` gives. */
export interface Program {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** Writes a program that starts a Claude with nothing to be told, so that it can be the `claude` of a PATH. */
export async function writeProgram(file: string, { command, args, env }: Program): Promise<void> {
  const exports = Object.entries(env).map(([name, value]) => `export ${name}=${quoted(value)}`);
  const start = `exec ${[command, ...args].map(quoted).join(' ')} "$@"`;
  await writeFile(file, ['#!/bin/sh', ...exports, start, ''].join('\n'));
  await chmod(file, 0o755);
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
