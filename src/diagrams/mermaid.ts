import type { AnyStateMachine, AnyStateNode } from 'xstate';
import { labelOf, nameOf, transitionsOf } from './transition-label.ts';

/**
 * A statechart as a Mermaid `stateDiagram-v2`, drawn from its definition: states, transitions with their guards, and
 * final states. What a state handles without leaving it stands below its name.
 * https://mermaid.js.org/syntax/stateDiagram.html
 */
export function mermaidOf(machine: AnyStateMachine): string {
  const lines = ['stateDiagram-v2', ...regionLines(machine.root), ...rootLines(machine.root)];
  return `${lines.join('\n')}\n`;
}

/** Transitions of the whole machine: an edge from a state to a state within it is no valid diagram. */
function rootLines(root: AnyStateNode): readonly string[] {
  const anywhere = `${idOf(root)}_anywhere`;
  const lines = transitionLines(root, anywhere);
  const stays = stayingEvents(root);
  if (lines.length === 0 && stays.length === 0) return [];
  const description = stays.length === 0 ? [] : [`${anywhere} : stays on ${stays.join(', ')}`];
  return [`state "anywhere" as ${anywhere}`, ...description, ...lines];
}

/** The states within a state; regions of a parallel one are divided by `--`. */
function regionLines(node: AnyStateNode): readonly string[] {
  const children = Object.values(node.states);
  if (node.type === 'parallel') {
    return children.flatMap((child, index) => [...(index === 0 ? [] : ['--']), ...stateLines(child)]);
  }
  const start = node.initial?.target[0];
  return [
    ...(start === undefined ? [] : [`[*] --> ${idOf(start)}`]),
    ...children.flatMap((child) => stateLines(child)),
    ...children.flatMap((child) => transitionLines(child)),
  ];
}

function stateLines(node: AnyStateNode): readonly string[] {
  const stays = stayingEvents(node);
  const description = stays.length === 0 ? [] : [`${idOf(node)} : stays on ${stays.join(', ')}`];
  const end = node.type === 'final' ? [`${idOf(node)} --> [*]`] : [];
  const name = `state "${node.key}" as ${idOf(node)}`;
  if (Object.keys(node.states).length === 0) return [name, ...description, ...end];
  return [`${name} {`, ...regionLines(node).map((line) => `  ${line}`), '}'];
}

/** Transitions that lead somewhere. */
function transitionLines(node: AnyStateNode, source = idOf(node)): readonly string[] {
  return transitionsOf(node).flatMap((transition) =>
    (transition.target ?? []).map((target) => `${source} --> ${idOf(target)} : ${labelOf(transition)}`),
  );
}

function stayingEvents(node: AnyStateNode): readonly string[] {
  const leading = transitionsOf(node).filter(({ target }) => target === undefined);
  return [...new Set(leading.map(({ eventType }) => nameOf(eventType)))];
}

function idOf(node: AnyStateNode): string {
  return node.id.replaceAll(/[^A-Za-z0-9]/g, '_');
}
