import { existsSync } from 'node:fs';
import { appendFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { loadConfig, PoolError } from '../../index.ts';
import { answering } from '../answering.ts';
import { printData } from '../envelope.ts';
import { configTemplate } from './config-template.ts';
import type { InitFlags } from './init-command.ts';

const MCP = 'claude mcp add claude-pool -- npx -y claude-pool mcp';
const IGNORED = '.claude-pool/state/';
const SCHEMA = path.join('node_modules', 'claude-pool', 'docs', 'config.schema.json');

/** What became of a file: made, added to, or left as it was. */
type Change = 'created' | 'added' | 'kept';

/** `claude-pool init`. Resolves with the exit code. */
export function init({ cwd, json }: InitFlags): Promise<number> {
  return answering({ ...(json !== undefined && { json }) }, async () => {
    const { root, files } = await loadConfig({ folder: cwd });
    const own = files.find((file) => path.dirname(path.dirname(file)) === root);
    const file = own ?? path.join(root, '.claude-pool', 'config.yaml');
    const config = own === undefined ? await create(file, root) : 'kept';
    const ignore = existsSync(path.join(root, '.git')) ? await ignoreState(root) : undefined;
    if (json === true) {
      printData({ root, config: { file, change: config }, gitignore: ignore ?? null, mcp: MCP });
      return;
    }
    const lines = [
      `${config.padEnd(7)} ${path.relative(process.cwd(), file)}`,
      ...(ignore === undefined ? [] : [`${ignore.padEnd(7)} ${IGNORED} in .gitignore`]),
      '',
      `Give the pool to Claude Code:  ${MCP}`,
      'Look whether all is well:      claude-pool doctor',
    ];
    process.stdout.write(`${lines.join('\n')}\n`);
  });
}

async function create(file: string, root: string): Promise<Change> {
  const schema = existsSync(path.join(root, SCHEMA)) ? path.join('..', SCHEMA) : undefined;
  try {
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, configTemplate(schema), { flag: 'wx' });
    return 'created';
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return 'kept';
    throw unwritable(file, error);
  }
}

async function ignoreState(root: string): Promise<Change> {
  const file = path.join(root, '.gitignore');
  const text = await readFile(file, 'utf8').catch(() => '');
  const lines = text.split('\n').map((line) => line.trim().replace(/^\/|\/$/g, ''));
  if (lines.includes('.claude-pool') || lines.includes('.claude-pool/state')) return 'kept';
  const gap = text === '' || text.endsWith('\n') ? '' : '\n';
  await appendFile(file, `${gap}${IGNORED}\n`).catch((error: unknown) => {
    throw unwritable(file, error);
  });
  return 'added';
}

function unwritable(file: string, cause: unknown): PoolError {
  return new PoolError('INVALID_OPTIONS', `Expected to write ${file}, got an error: ${String(cause)}.`, {
    cause,
  });
}
