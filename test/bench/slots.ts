/** Warm slots beside one `claude -p` process per task: the real CLI before a fake API with a fixed delay. Linux. */
import { readFileSync } from 'node:fs';
import { claudeDriver, createPool } from 'claude-pool';
import type { ClaudeDriver } from 'claude-pool';
import { fakeApi, realClaude, scratchHome } from 'claude-pool/testing';
import { execa } from 'execa';

const API_DELAY_MS = 100;
const WARM_TASKS = 40;
const COLD_TASKS = 8;
const TICK_MS = 10;
/** Where `/proc/<pid>/stat` has user and system time, of the process itself and of its children that have ended. */
const OWN = 11;
const CHILDREN = 13;

for (const version of ['oldest', 'newest'] as const) {
  await using api = await fakeApi({
    script: { rules: [], otherwise: [{ echo: true, delayMs: API_DELAY_MS }] },
  });
  await using home = await scratchHome({ url: api.url });
  const claude = { ...realClaude(version), ...home };
  const warm = await measureWarm(claude);
  const cold = await measureCold(claude);
  console.log(`\nclaude ${claude.version}, API delay ${API_DELAY_MS} ms, one task at a time, medians`);
  console.table([
    {
      what: 'wall overhead per task, ms',
      'process per task': cold.wall,
      'warm slot': warm.wall,
      ratio: ratio(cold.wall, warm.wall),
    },
    {
      what: 'CPU per task, ms',
      'process per task': cold.cpu,
      'warm slot': warm.cpu,
      ratio: ratio(cold.cpu, warm.cpu),
    },
    {
      what: 'result to next prompt, ms',
      'process per task': undefined,
      'warm slot': warm.gap,
      ratio: undefined,
    },
  ]);
}

interface Claude {
  readonly command: string;
  readonly version: string;
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
}

interface Cost {
  readonly wall: number;
  readonly cpu: number;
}

async function measureWarm({ command, env, cwd }: Claude): Promise<Cost & { readonly gap: number }> {
  const gaps: number[] = [];
  const driver = timed(claudeDriver({ command, env, cwd }), gaps);
  await using pool = await createPool({ slots: 1, driver });
  for (let index = 0; index < 10; index += 1) await pool.run(`warm-up ${index}`);
  gaps.length = 0;
  const pid = pool.actor.getSnapshot().children['slot-0']?.getSnapshot().context.pid;
  const cpuBefore = cpuOf(`/proc/${pid}/stat`, OWN);
  const walls: number[] = [];
  for (let index = 0; index < WARM_TASKS; index += 1) {
    const start = performance.now();
    await pool.run(`task ${index}`);
    walls.push(performance.now() - start - API_DELAY_MS);
  }
  const cpu = (cpuOf(`/proc/${pid}/stat`, OWN) - cpuBefore) / WARM_TASKS;
  gaps.length = 0;
  await pool.fanOut(Array.from({ length: WARM_TASKS }, (_, index) => `queued ${index}`));
  return { wall: median(walls), cpu: round(cpu), gap: median(gaps) };
}

async function measureCold({ command, env, cwd }: Claude): Promise<Cost> {
  const walls: number[] = [];
  const cpuBefore = cpuOf('/proc/self/stat', CHILDREN);
  for (let index = 0; index < COLD_TASKS; index += 1) {
    const start = performance.now();
    await execa(command, ['-p', '--output-format', 'json', `task ${index}`], {
      cwd,
      env,
      extendEnv: false,
      stdin: 'ignore',
    });
    walls.push(performance.now() - start - API_DELAY_MS);
  }
  return { wall: median(walls), cpu: round((cpuOf('/proc/self/stat', CHILDREN) - cpuBefore) / COLD_TASKS) };
}

/** Notes the time from a turn's end to the moment when the next prompt is written. */
function timed(driver: ClaudeDriver, gaps: number[]): ClaudeDriver {
  let endedAt: number | undefined;
  return {
    async open(launch, options) {
      const session = await driver.open(launch, options);
      return {
        ...session,
        get sessionId() {
          return session.sessionId;
        },
        async run(turn, hooks) {
          const report = await session.run(turn, {
            ...hooks,
            onActivity(activity) {
              if (activity.type === 'sent' && endedAt !== undefined) gaps.push(performance.now() - endedAt);
              hooks.onActivity?.(activity);
            },
          });
          endedAt = performance.now();
          return report;
        },
      };
    },
  };
}

function cpuOf(path: string, field: number): number {
  const text = readFileSync(path, 'utf8');
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[field]) + Number(fields[field + 1])) * TICK_MS;
}

function median(values: readonly number[]): number {
  return round(values.toSorted((left, right) => left - right)[Math.floor(values.length / 2)] ?? Number.NaN);
}

function ratio(left: number, right: number): number {
  return round(left / right);
}

function round(value: number): number {
  return Number(value.toFixed(2));
}
