import type { Diagnosis } from './diagnosis.ts';

/** What a slot of Claude takes while it works. */
const SLOT_BYTES = 0.35 * 2 ** 30;

export function checkMemory(slots: number, available: number = process.availableMemory()): Diagnosis {
  const fits = Math.floor(available / SLOT_BYTES);
  const message = `${gigabytes(available)} of memory are available; ${slots} slots take about ${gigabytes(slots * SLOT_BYTES)}.`;
  if (fits >= slots) return { check: 'memory', status: 'ok', message };
  const remedy = `Have at most ${Math.max(1, fits)} slots (\`slots\`, \`maxSlots\`), or free memory.`;
  return { check: 'memory', status: 'warning', message, remedy };
}

function gigabytes(bytes: number): string {
  return `${(bytes / 2 ** 30).toFixed(1)} GiB`;
}
