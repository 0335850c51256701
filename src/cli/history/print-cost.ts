import Table from 'cli-table3';
import pc from 'picocolors';
import type { PoolCost } from '../../index.ts';
import { printData } from '../envelope.ts';
import type { AskFlags } from '../ask/ask-flags.ts';
import { money, oneLine } from './plain-text.ts';
import { readHistory } from './read-history.ts';

/** `claude-pool cost`. */
export function printCost(flags: AskFlags): Promise<number> {
  return readHistory(flags, async (history, signal) => {
    const cost = await history.cost({ signal });
    if (flags.json === true) printData(cost);
    else process.stdout.write(`${tableOf(cost)}\n${totalsOf(cost)}\n`);
  });
}

function tableOf({ slots }: PoolCost): string {
  const table = new Table({
    head: ['slot', 'name', 'attempts', 'cost'].map((title) => pc.bold(title)),
    colAligns: ['left', 'left', 'right', 'right'],
    style: { head: [], border: [], compact: true },
  });
  table.push(
    ...slots.map(({ id, name = '', attempts, spendUsd }) => [
      id,
      oneLine(name),
      String(attempts),
      money(spendUsd),
    ]),
  );
  return table.toString();
}

function totalsOf({ spendUsd, estimatedUsd, reservedUsd, budgetUsd }: PoolCost): string {
  return [
    `${pc.bold(money(spendUsd))} spent${budgetUsd === undefined ? '' : ` of ${money(budgetUsd)}`}`,
    ...(estimatedUsd > 0 ? [`${money(estimatedUsd)} of it estimated`] : []),
    ...(reservedUsd > 0 ? [`${money(reservedUsd)} set aside`] : []),
  ].join(', ');
}
