import type { AnyStateMachine, AnyStateNode, AnyTransitionDefinition } from 'xstate';
import { labelOf, transitionsOf } from '../diagrams/transition-label.ts';
import { transitionId } from './transition-id.ts';

/** A statechart as plain JSON, ready to be laid out. */
export interface Chart {
  readonly machine: string;
  readonly states: readonly ChartState[];
  readonly edges: readonly ChartEdge[];
}

export interface ChartState {
  readonly id: string;
  readonly name: string;
  readonly type: AnyStateNode['type'];
  /** Whether its parent starts in it. */
  readonly isInitial: boolean;
  /** Where it is in a state value, from the top. */
  readonly path: readonly string[];
  /** What it handles without being left. */
  readonly stays: readonly ChartStep[];
  readonly states: readonly ChartState[];
}

/** All transitions from one state to another. */
export interface ChartEdge {
  readonly source: string;
  readonly target: string;
  readonly steps: readonly ChartStep[];
}

export interface ChartStep {
  /** As a feed names it when it is taken. */
  readonly id: string;
  readonly label: string;
}

/** The chart of a machine, from its definition. What all its states have in common stands in a state `anywhere`. */
export function chartOf({ root }: AnyStateMachine): Chart {
  const states = Object.values(root.states).map(stateOf);
  const edges = edgesOf(root);
  const stays = staysOf(root);
  const isNeeded = stays.length > 0 || edges.some(({ source }) => source === root.id);
  return {
    machine: root.id,
    states: isNeeded ? [...states, { ...ANYWHERE, id: root.id, stays }] : states,
    edges,
  };
}

const ANYWHERE = { name: 'anywhere', type: 'atomic', isInitial: false, path: [], states: [] } as const;

function stateOf(node: AnyStateNode): ChartState {
  return {
    id: node.id,
    name: node.key,
    type: node.type,
    isInitial: node.parent?.initial?.target.includes(node) === true,
    path: node.path,
    stays: staysOf(node),
    states: Object.values(node.states).map(stateOf),
  };
}

function staysOf(node: AnyStateNode): readonly ChartStep[] {
  return transitionsOf(node)
    .filter(({ target }) => target === undefined)
    .map(stepOf);
}

function edgesOf(node: AnyStateNode): readonly ChartEdge[] {
  const leaving = transitionsOf(node).filter(({ target }) => target !== undefined);
  const targets = new Set(leaving.flatMap(({ target = [] }) => target));
  const own = [...targets].map((state) => ({
    source: node.id,
    target: state.id,
    steps: leaving.filter(({ target }) => target?.includes(state) === true).map(stepOf),
  }));
  return [...own, ...Object.values(node.states).flatMap(edgesOf)];
}

function stepOf(transition: AnyTransitionDefinition): ChartStep {
  return { id: transitionId(transition), label: labelOf(transition) };
}
