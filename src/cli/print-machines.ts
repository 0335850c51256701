import type { allMachines } from '../diagrams/all-machines.ts';
import { mermaidOf } from '../diagrams/mermaid.ts';
import { statelyModule } from '../diagrams/stately.ts';
import { printData } from './envelope.ts';
import type { MachinesFlags } from './machines-command.ts';

/** Prints statecharts in the form that the flags ask for. */
export function printMachines(machines: typeof allMachines, flags: MachinesFlags): void {
  if (flags.json === true) {
    printData(Object.fromEntries(machines.map(({ id, definition }) => [id, definition])));
    return;
  }
  process.stdout.write(flags.stately === true ? statelyModule(machines) : mermaidText(machines));
}

/** One diagram stands alone; several have headings, as Markdown. */
function mermaidText(machines: typeof allMachines): string {
  if (machines.length === 1) return machines.map(mermaidOf).join('');
  return machines
    .map((machine) => `## ${machine.id}\n\n\`\`\`mermaid\n${mermaidOf(machine)}\`\`\`\n`)
    .join('\n');
}
