import { existsSync } from 'node:fs';
import { formats } from '../durable/formats.ts';
import type { Kept } from '../durable/kept.ts';
import { inspectState } from '../store/inspect-state.ts';
import { faultDiagnosis } from './diagnosis.ts';
import type { Diagnosis } from './diagnosis.ts';

/** The folder that a pool is kept in: whether it is sound, and who works on it. */
export async function checkState(stateDir: string): Promise<Diagnosis> {
  if (!existsSync(stateDir)) {
    return { check: 'state', status: 'ok', message: `Nothing is kept in ${stateDir}.` };
  }
  try {
    const { owner, problems, damages } = await inspectState<Kept>({ stateDir, formats });
    const message = `${stateDir} ${owner === undefined ? 'is free' : `is what ${owner} works on`}.`;
    if (damages.length > 0) {
      const remedy = 'Put a backup in its place, or move the folder away to start with nothing.';
      return { check: 'state', status: 'error', message: `${message} It is damaged: ${damages[0]}.`, remedy };
    }
    if (problems === 0) return { check: 'state', status: 'ok', message };
    const remedy = 'They stay in its table `problems`. Nothing else is touched by them.';
    return {
      check: 'state',
      status: 'warning',
      message: `${message} ${problems} records in it cannot be read.`,
      remedy,
    };
  } catch (error) {
    return faultDiagnosis('state', error);
  }
}
