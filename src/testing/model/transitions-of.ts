import { getStateNodes } from '@xstate/graph';
import type { AnyStateMachine, AnyTransitionDefinition } from 'xstate';

/** Every transition of a machine by its name: state, event, and the place among the branches of its guards. */
export function transitionsOf(machine: AnyStateMachine): ReadonlyMap<AnyTransitionDefinition, string> {
  const nodes = [machine.root, ...getStateNodes(machine)];
  return new Map(
    nodes.flatMap((node) => [
      ...[...node.transitions].flatMap(([event, branches]) => named(node.id, event, branches)),
      ...named(node.id, 'always', node.always ?? []),
    ]),
  );
}

function named(
  state: string,
  event: string,
  branches: readonly AnyTransitionDefinition[],
): [AnyTransitionDefinition, string][] {
  return branches.map((branch, index) => [branch, `${state} --${event}[${index}]`]);
}
