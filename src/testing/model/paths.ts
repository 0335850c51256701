import { createActor } from 'xstate';
import type {
  AnyMachineSnapshot,
  AnyStateMachine,
  EventFrom,
  EventObject,
  InputFrom,
  SnapshotFrom,
} from 'xstate';
import { getShortestPaths } from '@xstate/graph';
import { notebook } from './notebook.ts';
import { transitionsOf } from './transitions-of.ts';

/** What XState itself sends to a machine: the end of an actor, or of a delay. */
export interface SystemEvent {
  readonly type: `xstate.${string}`;
  /** What an actor has ended with. */
  readonly output?: unknown;
  /** What an actor has failed with. */
  readonly error?: unknown;
}

/** What can happen to a machine, and how far its paths are followed. */
export interface PathsOptions<Machine extends AnyStateMachine> {
  readonly input: InputFrom<Machine>;
  /**
   * What the machine's surroundings could send to it in that state. Bound what counts up, or the paths have no end;
   * events that no transition takes are left out.
   */
  readonly events: (snapshot: SnapshotFrom<Machine>) => readonly (EventFrom<Machine> | SystemEvent)[];
  /** Throws when there are more steps from state to state. @default 100000 */
  readonly limit?: number;
}

/**
 * The shortest sequences of events that lead into each state of a machine by each of its transitions,
 * as far as the events reach. Nothing is executed; guards and assignments are evaluated.
 *
 * @example
 * const walks = paths(doorMachine, { input: {}, events: () => [{ type: 'door.open' }, { type: 'door.close' }] });
 */
export function paths<Machine extends AnyStateMachine>(
  machine: Machine,
  { input, events, limit = 100_000 }: PathsOptions<Machine>,
): readonly (readonly EventFrom<Machine>[])[] {
  const transitions = transitionsOf(machine);
  const edgesOf = (snapshot: AnyMachineSnapshot, event: EventObject) =>
    machine.getTransitionData(snapshot, event).map((transition) => transitions.get(transition));
  const found = getShortestPaths(belowParent(machine, input), {
    input,
    limit,
    events(snapshot) {
      if (snapshot.status !== 'active') return [];
      return events(snapshot as never).filter((event) => edgesOf(snapshot, event).length > 0);
    },
    serializeState(snapshot, event, previous) {
      const edges = event === undefined || previous === undefined ? [] : edgesOf(previous, event);
      return JSON.stringify([snapshot.value, snapshot.context, edges]) as never;
    },
  });
  return found.map(({ steps }) => steps.slice(1).map(({ event }) => event as never));
}

/** The traversal knows no parent, and a machine that tells its parent something throws without one. */
function belowParent(machine: AnyStateMachine, input: unknown): AnyStateMachine {
  const self = createActor(machine, { parent: notebook(), input });
  const below: Pick<AnyStateMachine, 'transition' | 'getInitialSnapshot'> = {
    transition: (snapshot, event, scope) => machine.transition(snapshot, event, { ...scope, self }),
    getInitialSnapshot: (scope, given) => machine.getInitialSnapshot({ ...scope, self }, given),
  };
  return below as never;
}
