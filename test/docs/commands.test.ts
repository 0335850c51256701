import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Command } from 'commander';
import { expect, test } from 'vitest';
import { commandLine } from '../../src/cli/command-line.ts';
import { ROOT, documentationPages, proseOf } from './pages.ts';

/** What a reader has, besides this package. */
const TOOLS = ['cat', 'cd', 'claude', 'curl', 'docker', 'export', 'git', 'jq', 'kill', 'mkdir', 'node'];
const NPM_COMMANDS = ['ci', 'install', 'test', 'pack'];

test('every shell line of a page names commands and options that there are', async () => {
  const { scripts } = JSON.parse(await readFile(path.join(ROOT, 'package.json'), 'utf8')) as {
    readonly scripts: Readonly<Record<string, string>>;
  };
  const faults: string[] = [];
  for (const { file, line } of await shellLines()) {
    for (const words of commandsOf(line)) {
      const fault = await faultOf(words, Object.keys(scripts));
      if (fault !== undefined) faults.push(`${file}: ${words.join(' ')}: ${fault}`);
    }
  }

  expect(faults).toEqual([]);
});

test('every command that a sentence names is there, with its options', async () => {
  const faults: string[] = [];
  for (const page of await documentationPages()) {
    for (const [, line = ''] of proseOf(page).matchAll(/`((?:npx )?claude-pool [a-z][^`]*)`/g)) {
      const [words = []] = commandsOf(line);
      const fault = unknownIn(argumentsOf(words));
      if (fault !== undefined) faults.push(`${page.file}: ${line}: ${fault}`);
    }
  }

  expect(faults).toEqual([]);
});

async function shellLines(): Promise<readonly { readonly file: string; readonly line: string }[]> {
  const pages = await documentationPages();
  const blocks = pages.flatMap((page) => page.blocks.filter(({ language }) => language === 'sh'));
  return blocks.flatMap(({ page, code }) =>
    code
      .replaceAll('\\\n', ' ')
      .split('\n')
      .map((line) => ({ file: page, line })),
  );
}

/** The commands of a line, each as its words: no comments, no redirections. */
function commandsOf(line: string): readonly (readonly string[])[] {
  const commands: string[][] = [[]];
  for (const [token] of line.matchAll(
    /"[^"]*"|'[^']*'|\$\([^)]*\)|#.*$|&&|\|\|?|;|(?:[^\s;|&"']|"[^"]*")+/g,
  )) {
    if (token.startsWith('#')) break;
    if (/^(?:&&|\|\|?|;)$/.test(token)) commands.push([]);
    else commands.at(-1)?.push(token.replaceAll(/^["']|["']$/g, ''));
  }
  return commands.filter((words) => words.length > 0);
}

async function faultOf(words: readonly string[], scripts: readonly string[]): Promise<string | undefined> {
  const [tool = '', ...rest] = words.filter((word, index) => index > 0 || !/^[A-Z_]+=/.test(word));
  if (tool === 'npx' || tool === 'claude-pool') return misuseOf(argumentsOf(words));
  if (tool === 'npm') return npmFaultOf(rest, scripts);
  if (tool === 'claude' && rest.includes('--')) return faultOf(rest.slice(rest.indexOf('--') + 1), scripts);
  if (tool === 'docker' && rest.includes('claude-pool')) return misuseOf(argumentsOf(rest));
  return TOOLS.includes(tool) ? undefined : 'is no tool that the pages take for granted';
}

function npmFaultOf(
  [command = '', name = '']: readonly string[],
  scripts: readonly string[],
): string | undefined {
  if (command !== 'run') return NPM_COMMANDS.includes(command) ? undefined : 'is no command of npm';
  return scripts.includes(name) ? undefined : 'is no script of `package.json`';
}

/** What stands behind the program's name. */
function argumentsOf(words: readonly string[]): readonly string[] {
  return words.slice(words.indexOf('claude-pool') + 1);
}

/** What the program itself says of a whole command line. It reads the configuration before it acts, and is waited for. */
async function misuseOf(words: readonly string[]): Promise<string | undefined> {
  const program = commandLine();
  disarm(program);
  try {
    await program.parseAsync(words, { from: 'user' });
    return undefined;
  } catch (error) {
    const { exitCode, message } = error as { readonly exitCode: number; readonly message: string };
    return exitCode === 0 ? undefined : message;
  }
}

/** Only parses: carries nothing out, prints nothing. */
function disarm(command: Command): void {
  command.configureOutput({ writeOut: () => {}, writeErr: () => {} });
  if (command.commands.length === 0) command.action(() => {});
  for (const child of command.commands) disarm(child);
}

/** The first word that is neither a command of the program nor one of its options. */
function unknownIn(words: readonly string[]): string | undefined {
  let command: Command = commandLine();
  for (const word of words) {
    const child = command.commands.find((known) => known.name() === word || known.aliases().includes(word));
    if (child !== undefined) command = child;
    else if (command.commands.length > 0 && !word.startsWith('-')) return `\`${word}\` is no command`;
    else if (word.startsWith('--') && !hasOption(command, word)) return `\`${word}\` is no option`;
  }
  return undefined;
}

function hasOption(command: Command | null, word: string): boolean {
  if (command === null) return word === '--help' || word === '--version';
  const [flag = ''] = word.split('=');
  return command.options.some(({ long }) => long === flag) || hasOption(command.parent, word);
}
