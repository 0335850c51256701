/** Kills a pool under load again and again (`--kills 200`), and says what was lost. Fails when anything was. */
import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { crashRun } from '../pool/crash-run.ts';

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '20' },
    'longest-ms': { type: 'string', default: '3000' },
    keep: { type: 'boolean' },
  },
});

const home = await realpath(await mkdtemp(path.join(tmpdir(), 'claude-pool-crash-')));
const { faults, ...numbers } = await crashRun({
  home,
  kills: Number(values.kills),
  longestMs: Number(values['longest-ms']),
  tell: (text) => void process.stderr.write(`${text}\n`),
});
console.table([numbers]);
for (const fault of faults) console.log(fault);
if (values.keep === true) console.log(home);
else await rm(home, { recursive: true, force: true, maxRetries: 5 });
process.exitCode = faults.length === 0 ? 0 : 1;
