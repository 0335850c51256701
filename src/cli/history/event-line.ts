import pc from 'picocolors';
import type { PoolEvent } from '../../index.ts';
import { moment, money, oneLine } from './plain-text.ts';
import { coloured } from './state-colour.ts';

/** An event as one line: number, time, type, and what it is about. */
export function eventLine(event: PoolEvent): string {
  const [noun = '', state = ''] = event.type.split('.');
  const name = `${noun}.${coloured(state)}`;
  return [pc.dim(String(event.seq).padStart(6)), moment(event.at), name, ...factsOf(event)].join('  ');
}

function factsOf(event: PoolEvent): readonly string[] {
  return [
    'taskId' in event ? event.taskId : undefined,
    'chainId' in event ? event.chainId : undefined,
    'slotId' in event ? event.slotId : undefined,
    'step' in event && event.step !== undefined ? oneLine(event.step) : undefined,
    'status' in event ? event.status : undefined,
    'verdict' in event ? event.verdict : undefined,
    'spendUsd' in event && event.spendUsd > 0 ? money(event.spendUsd) : undefined,
    'until' in event && event.until !== undefined ? `until ${moment(event.until)}` : undefined,
    'reason' in event && event.reason !== undefined ? oneLine(event.reason, 120) : undefined,
  ].filter((fact) => fact !== undefined);
}
