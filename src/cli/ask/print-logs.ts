import { openHistory } from '../../index.ts';
import type { TaskInfo } from '../../index.ts';
import { answering } from '../answering.ts';
import { runningDesk } from '../desk/open-desk.ts';
import { printData } from '../envelope.ts';
import { textPrinter } from '../work/text-printer.ts';
import type { LogsFlags } from './logs-command.ts';

/** `claude-pool logs`. What has ended is read from the folder, also when no pool runs. */
export function printLogs(id: string, flags: LogsFlags): Promise<number> {
  return answering(flags, async (signal) => {
    await using history = await openHistory(flags);
    const task = await history.task(id, { signal });
    if (task.state !== 'running' && task.state !== 'pending') return print(task, textOf(task), flags);
    const { desk } = await runningDesk(flags, signal);
    if (flags.follow === true) return printPieces(await desk.output({ id, signal }), flags);
    print(task, await desk.text({ id, signal }), flags);
  });
}

function textOf({ result, error }: TaskInfo): string {
  return result?.output ?? error?.report?.partialText ?? '';
}

function print({ id, state }: TaskInfo, text: string, { json = false }: LogsFlags): void {
  if (json) printData({ taskId: id, state, text });
  else textPrinter({ isSilent: false }).end(text);
}

async function printPieces(pieces: AsyncIterable<string>, { json = false }: LogsFlags): Promise<void> {
  const printer = textPrinter({ isSilent: json });
  for await (const text of pieces) {
    printer.print(text);
    if (json) process.stdout.write(`${JSON.stringify({ text })}\n`);
  }
  printer.end();
}
