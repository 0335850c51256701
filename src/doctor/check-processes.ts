import { findOrphans, reapOrphans } from '../claude/reap-orphans.ts';
import type { Diagnosis } from './diagnosis.ts';

/** Claudes whose pool is gone. */
export async function checkProcesses(): Promise<Diagnosis> {
  const orphans = await findOrphans(process.pid);
  if (orphans.length === 0) {
    return { check: 'processes', status: 'ok', message: 'No processes of dead pools.' };
  }
  return {
    check: 'processes',
    status: 'warning',
    message: `Dead pools have left ${orphans.length} processes: ${orphans.map(({ pid }) => pid).join(', ')}.`,
    remedy: 'Start a pool, or run `claude-pool doctor --fix`: both end them.',
    async fix() {
      await reapOrphans();
      return `Ended ${orphans.length} processes.`;
    },
  };
}
