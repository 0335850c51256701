import { once } from 'node:events';
import pc from 'picocolors';
import { inspectorServer } from '../../inspector/inspector-server.ts';
import { printData } from '../envelope.ts';
import type { InspectFlags } from './history-commands.ts';
import { readHistory } from './read-history.ts';

/** Serves the page of a pool's past until a signal comes. Resolves with the exit code. */
export function inspectHistory(flags: InspectFlags): Promise<number> {
  const { stateDir, port, until, json } = flags;
  return readHistory(flags, async (history, signal) => {
    const wanted = { ...(port !== undefined && { port }), ...(until !== undefined && { until }) };
    await using server = await inspectorServer({ history, ...wanted });
    if (json === true) printData({ url: server.url });
    else process.stdout.write(`Inspect the past of ${stateDir} at ${pc.underline(server.url)}\n`);
    if (!signal.aborted) await once(signal, 'abort');
  });
}
