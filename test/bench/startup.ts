/** What the command line takes before it works, beside a Node that does nothing, in the same run. */
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { execa } from 'execa';
import { command } from '../faces/command-line.ts';

const ROUNDS = Number(process.argv[2] ?? 20);

const folder = await mkdtemp(path.join(tmpdir(), 'claude-pool-bench-'));
const claude = path.join(folder, 'claude');
const started = path.join(folder, 'started');
// It only notes when it was started; that it is no Claude ends the command.
await writeFile(claude, `#!/bin/sh\ndate +%s%N > '${started}'\nexit 1\n`);
await chmod(claude, 0o755);

const [program, ...before] = command;
const contenders = {
  'node -e 0': () => lastOf([program, '-e', '0']),
  'claude-pool --help': () => lastOf([program, ...before, '--help']),
  'claude-pool run, until Claude is started': async () => {
    const from = epochMs();
    await run([program, ...before, 'run', 'hello', '--claude', claude, '--cwd', folder]);
    return Number(await readFile(started, 'utf8')) / 1e6 - from;
  },
};
const times = new Map<string, number[]>(Object.keys(contenders).map((name) => [name, []]));
for (let round = 0; round < ROUNDS; round += 1) {
  for (const [name, measure] of Object.entries(contenders)) times.get(name)?.push(await measure());
}
const base = median(times.get('node -e 0') ?? []);
console.log(`medians of ${ROUNDS} interleaved rounds, Node ${process.versions.node}`);
console.table(
  [...times].map(([name, list]) => ({
    name,
    ms: Math.round(median(list)),
    'ms more than node': Math.round(median(list) - base),
    'times node': (median(list) / base).toFixed(2),
  })),
);
await rm(folder, { recursive: true });

async function lastOf(words: readonly [string, ...string[]]): Promise<number> {
  const from = epochMs();
  await run(words);
  return epochMs() - from;
}

async function run([file, ...args]: readonly [string, ...string[]]): Promise<void> {
  const env = { HOME: folder, PATH: process.env['PATH'] ?? '', ANTHROPIC_API_KEY: 'none' };
  await execa(file, args, { env, extendEnv: false, reject: false, stdin: 'ignore' });
}

function epochMs(): number {
  return performance.timeOrigin + performance.now();
}

function median(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? 0;
}
