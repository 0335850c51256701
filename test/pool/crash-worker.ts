/** A pool under load: gives itself work, says what was accepted and how it ended, until it is killed or all is done. */
import { createPool } from 'claude-pool';
import type { Pool } from 'claude-pool';
import type { CrashLine, CrashPlan } from './crash-types.ts';
import { failFsync } from './failing-fsync.ts';

/** Tasks that the pool has open at most. */
const LOAD = 24;

const plan: CrashPlan = JSON.parse(process.argv[2] ?? '{}');

if (plan.fsync !== undefined) failFsync(plan.fsync);
try {
  const pool = await createPool(plan.options);
  say({ type: 'open' });
  await work(pool);
  await pool.drain();
  say({ type: 'done' });
} catch (error) {
  say({ type: 'failed', message: String(error) });
  process.exit(3);
}

async function work(pool: Pool): Promise<void> {
  const failure = new Promise<never>((_, reject) => {
    pool.on('pool.draining', () => void pool.drain().catch(reject));
  });
  pool.on('task.pendingReview', ({ taskId }) => void review(pool, taskId));
  for (const { id } of pool.tasks({ state: 'pendingReview', limit: 1_000_000 })) void review(pool, id);
  const earlier = pool.tasks({ limit: 1_000_000 }).map(({ id }) => wait(pool, id));
  const chains = pool.chains({ limit: 1_000_000 }).map(({ id }) => pool.waitChain(id).catch(() => undefined));
  await Promise.race([
    failure,
    Promise.all([...earlier, ...chains, ...Array.from({ length: LOAD }, () => feed(pool))]),
  ]);
}

/** Submits one task after the other, each once the one before has ended. */
async function feed(pool: Pool): Promise<void> {
  while (!plan.isLast) {
    const kind = plan.kinds[Math.floor(Math.random() * plan.kinds.length)] ?? '';
    const prompt = `${kind} #${crypto.randomUUID()}`;
    if (kind === 'chain') {
      await feedChain(pool);
      continue;
    }
    const id = await (kind === 'review' ? pool.submitWithReview(prompt) : pool.submit(prompt));
    say({ type: 'accepted', id, prompt });
    await wait(pool, id);
  }
}

async function feedChain(pool: Pool): Promise<void> {
  const steps = ['quick', 'slow'].map((kind) => ({ name: kind, prompt: `${kind} #${crypto.randomUUID()}` }));
  const id = await pool.submitChain(steps);
  say({ type: 'chained', id });
  await pool.waitChain(id).catch(() => undefined);
}

async function wait(pool: Pool, id: string): Promise<void> {
  const end = await pool.wait(id).then(
    ({ output, spendUsd }) => JSON.stringify({ output, spendUsd }),
    (error: Error & { code?: string }) => error.code ?? 'NONE',
  );
  if (end !== 'STORE' && end !== 'POOL_CLOSED') say({ type: 'ended', id, end });
}

/** What is there is good; what nobody can tell is done again. */
async function review(pool: Pool, id: string): Promise<void> {
  const isThere = (pool.task(id).result?.output ?? '') !== '';
  await (isThere ? pool.approveResult(id) : pool.rejectResult(id, 'Do it again.')).catch(() => undefined);
}

/** Pipes are written synchronously on Linux: what was said is heard, whenever the process is killed. */
function say(line: CrashLine): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
