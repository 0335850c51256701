/** A pool in a process of its own: does what it is told, until it is killed. */
import { createPool } from 'claude-pool';
import type { Pool } from 'claude-pool';
import type { Answer } from './life.ts';

interface Call {
  readonly no: number;
  readonly method: keyof Pool;
  readonly args: readonly unknown[];
}

const [options = '{}'] = process.argv.slice(2);
process.on('disconnect', () => process.exit());

try {
  const pool = await createPool(JSON.parse(options));
  pool.on('event', (event) => say({ type: 'event', event }));
  process.on('message', (call: Call) => void answer(pool, call));
  say({ type: 'ready' });
} catch (error) {
  say({ type: 'error', ...faultOf(error) });
  process.disconnect();
}

async function answer(pool: Pool, { no, method, args }: Call): Promise<void> {
  try {
    const value: unknown = await Reflect.apply(pool[method] as () => unknown, pool, args);
    say({ type: 'value', no, value });
  } catch (error) {
    say({ type: 'error', no, ...faultOf(error) });
  }
}

function say(message: Answer): void {
  process.send?.(message);
}

function faultOf(error: unknown): { readonly code: string; readonly message: string } {
  if (!(error instanceof Error)) return { code: 'NONE', message: String(error) };
  return { code: 'code' in error ? String(error.code) : 'NONE', message: error.message };
}
