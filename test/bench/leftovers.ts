import { readdir } from 'node:fs/promises';
import { processesMarked } from 'claude-pool/testing';

/** What this process holds that does not go by itself. */
export interface Holdings {
  readonly timers: number;
  readonly listeners: number;
  readonly handles: number;
}

const TIMERS: ReadonlySet<string> = new Set(['Timeout', 'Immediate']);

export function holdings(): Holdings {
  const resources = process.getActiveResourcesInfo();
  const timers = resources.filter((name) => TIMERS.has(name)).length;
  const listeners = process.eventNames().reduce((sum, name) => sum + process.listenerCount(name), 0);
  return { timers, listeners, handles: resources.length - timers };
}

/** What is left of a pool that was drained, beside what there was before: one sentence each. */
export async function leftovers({
  before,
  mark,
  folder,
}: {
  readonly before: Holdings;
  readonly mark: string;
  readonly folder: string;
}): Promise<readonly string[]> {
  const now = holdings();
  const processes = await processesMarked(mark);
  const files = await readdir(folder);
  return [
    ...(processes.length > 0 ? [`processes ${processes.join(', ')} live on`] : []),
    ...(files.length > 0 ? [`files are left: ${files.join(', ')}`] : []),
    ...(['timers', 'listeners', 'handles'] as const).flatMap((kind) =>
      now[kind] > before[kind] ? [`${now[kind]} ${kind} are left, there were ${before[kind]}`] : [],
    ),
  ];
}
