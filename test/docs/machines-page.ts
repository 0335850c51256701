import { chainMachine, poolMachine, slotMachine, stepMachine, taskMachine } from '../../machines/index.ts';
import { mermaidOf } from '../../src/diagrams/mermaid.ts';

const MACHINES = [
  [poolMachine, 'A fleet of slots, the order of waiting tasks, and the ledger.'],
  [slotMachine, 'One Claude session and the process that holds it.'],
  [taskMachine, 'One unit of work, from its submission to its end.'],
  [chainMachine, 'Ordered steps, each with tasks of its own.'],
  [stepMachine, 'One step of a chain: the tasks that try it, one at a time.'],
] as const;

/** `docs/machines.md`, drawn from the definitions that run. */
export function machinesPage(footer: string): string {
  const charts = MACHINES.map(
    ([machine, sentence]) =>
      `## ${machine.id}\n\n${sentence}\n\n\`\`\`mermaid\n${mermaidOf(machine)}\`\`\`\n`,
  );
  return `${INTRO}\n${charts.join('\n')}\n${footer}\n`;
}

const INTRO = `# Machines

The statecharts in [\`machines/\`](../machines) are the runtime. These diagrams are drawn from their definitions; a test
fails when they are stale. \`claude-pool machines\` prints them, with \`--json\` their definitions.

A state's transitions carry the event and, in brackets, the guard. What a state handles without leaving it stands below
its name. Names of events are \`noun.verb\`: a command is imperative, a fact is past.
`;
