import pc from 'picocolors';
import type { Settled } from '../desk/desk.ts';
import { printData } from '../envelope.ts';
import { money } from '../history/plain-text.ts';
import { coloured } from '../history/state-colour.ts';
import { remarksOn } from './remarks-on.ts';

/** Prints how tasks and chains ended, in their order; of a single one, its answer alone. */
export function printEnds(ends: readonly Settled[], { json }: { readonly json?: boolean }): void {
  if (json === true) {
    printData({ outcomes: ends });
    return;
  }
  const [only] = ends;
  if (ends.length === 1 && only !== undefined && only.error === undefined) print(only.output);
  else print(ends.map(blockOf).join('\n\n'));
  for (const line of remarksOf(ends)) process.stderr.write(`${line}\n`);
  process.stderr.write(`${summaryOf(ends)}\n`);
}

function print(text: string): void {
  process.stdout.write(text.endsWith('\n') ? text : `${text}\n`);
}

function blockOf({ id, state, spendUsd, error, output }: Settled): string {
  const spent = spendUsd === undefined ? '' : ` ${money(spendUsd)}`;
  return `${pc.bold(`## ${id}`)} ${coloured(state)}${spent}\n\n${(error?.message ?? output).trimEnd()}`;
}

/** What has to be known of each, after its id where there are several. */
function remarksOf(ends: readonly Settled[]): readonly string[] {
  const completed = ends.filter(({ state }) => state === 'completed');
  return completed.flatMap(({ id, result }) =>
    (result === undefined ? [] : remarksOn(result)).map((line) =>
      ends.length === 1 ? line : `${id}: ${line}`,
    ),
  );
}

function summaryOf(ends: readonly Settled[]): string {
  const states = [...new Set(ends.map(({ state }) => state))];
  const counts = states.map((state) => `${ends.filter((end) => end.state === state).length} ${state}`);
  const spent = ends.reduce((sum, { spendUsd = 0 }) => sum + spendUsd, 0);
  return `${counts.join(', ')}, ${money(spent)} spent`;
}
