import { printData, printError } from '../envelope.ts';
import { failureOf, failureText } from '../failure.ts';
import { noProgress } from '../live/progress.ts';
import type { Work } from './do-work.ts';
import { followText } from './follow-text.ts';
import { remarksOn } from './remarks-on.ts';
import { textPrinter } from './text-printer.ts';

/** How the work of a command that runs one task is shown and printed: its text as it comes, or the result as JSON. */
export function singleTask({
  json = false,
  isStreamed = true,
}: {
  readonly json?: boolean;
  readonly isStreamed?: boolean;
}): Pick<Work, 'show' | 'print'> {
  const printer = textPrinter({ isSilent: json });
  return {
    show: async (open, stop) => (isStreamed ? followText(open, { stop, printer }) : noProgress),
    print([end], signal) {
      if (end === undefined) return;
      const { id, state, output, error, result, spendUsd } = end;
      printer.end(error === undefined ? output : '');
      if (error === undefined) {
        if (json) printData(result ?? {});
        else if (result !== undefined && state === 'completed') tell(remarksOn(result));
        if (state === 'pendingReview') tellReview(id);
        return;
      }
      const told = signal.aborted ? { ...error, ...failureOf(signal.reason) } : error;
      if (json) printError({ ...told, spendUsd: spendUsd ?? 0 });
      else process.stderr.write(failureText(told, spendUsd));
    },
  };
}

function tell(lines: readonly string[]): void {
  for (const line of lines) process.stderr.write(`${line}\n`);
}

function tellReview(id: string): void {
  process.stderr.write(`It waits for your review: claude-pool review show ${id}\n`);
}
