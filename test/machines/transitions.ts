import { getShortestPaths, getStateNodes } from '@xstate/graph';
import { createActor, fromCallback, fromTransition, SimulatedClock } from 'xstate';
import type {
  Actor,
  AnyMachineSnapshot,
  AnyStateMachine,
  AnyTransitionDefinition,
  EventFrom,
  EventObject,
  InputFrom,
  InspectionEvent,
  SnapshotFrom,
} from 'xstate';

const PATH_LIMIT = 100_000;

/** Every transition of a machine by its name: state, event, and the place among the branches of its guards. */
function transitionsOf(machine: AnyStateMachine): ReadonlyMap<AnyTransitionDefinition, string> {
  const nodes = [machine.root, ...getStateNodes(machine)];
  return new Map(
    nodes.flatMap((node) => [
      ...[...node.transitions].flatMap(([event, branches]) => named(node.id, event, branches)),
      ...named(node.id, 'always', node.always ?? []),
    ]),
  );
}

export interface PathOptions<Machine extends AnyStateMachine> {
  readonly input: InputFrom<Machine>;
  /** What the environment could send to the machine in that state. */
  readonly events: (snapshot: SnapshotFrom<Machine>) => readonly EventFrom<Machine>[];
}

/** The shortest sequence of events into each state by each edge, as far as the events reach. */
export function pathsOf<Machine extends AnyStateMachine>(
  machine: Machine,
  { input, events }: PathOptions<Machine>,
): readonly (readonly EventFrom<Machine>[])[] {
  const transitions = transitionsOf(machine);
  const edgesOf = (snapshot: AnyMachineSnapshot, event: EventObject) =>
    machine.getTransitionData(snapshot, event).map((transition) => transitions.get(transition));
  const paths = getShortestPaths(belowParent(machine, input), {
    input,
    limit: PATH_LIMIT,
    events(snapshot) {
      if (snapshot.status !== 'active') return [];
      return events(snapshot as never).filter((event) => edgesOf(snapshot, event).length > 0);
    },
    serializeState(snapshot, event, previous) {
      const edges = event === undefined || previous === undefined ? [] : edgesOf(previous, event);
      return JSON.stringify([snapshot.value, snapshot.context, edges]) as never;
    },
  });
  return paths.map(({ steps }) => steps.slice(1).map(({ event }) => event as never));
}

/** The traversal knows no parent, and a machine that tells its parent something throws without one. */
function belowParent(machine: AnyStateMachine, input: unknown): AnyStateMachine {
  const self = createActor(machine, { parent: notebook({}), input });
  const below: Pick<AnyStateMachine, 'transition' | 'getInitialSnapshot'> = {
    transition: (snapshot, event, scope) => machine.transition(snapshot, event, { ...scope, self }),
    getInitialSnapshot: (scope, given) => machine.getInitialSnapshot({ ...scope, self }, given),
  };
  return below as never;
}

/** Remembers which transitions real actors have taken, those without an event included. */
export function coverageOf(machine: AnyStateMachine) {
  const unwalked = new Map(transitionsOf(machine));

  return {
    inspect: (event: InspectionEvent): void => {
      if (event.type !== '@xstate.microstep') return;
      const { _transitions: taken } = event;
      for (const transition of taken) unwalked.delete(transition);
    },
    missing: (): readonly string[] => [...unwalked.values()],
  };
}

/** A machine at work below a parent that writes down what it is told. */
export interface Stage<Machine extends AnyStateMachine> {
  readonly actor: Actor<Machine>;
  readonly told: () => readonly EventObject[];
  readonly clock: SimulatedClock;
}

export interface StageOptions<Machine extends AnyStateMachine> {
  readonly input: InputFrom<Machine>;
  readonly inspect?: (event: InspectionEvent) => void;
}

export function stage<Machine extends AnyStateMachine>(
  machine: Machine,
  { input, inspect }: StageOptions<Machine>,
): Stage<Machine> {
  const clock = new SimulatedClock();
  const parent = notebook({ clock, ...(inspect && { inspect }) });
  const actor = createActor(machine, { parent, id: machine.id, input }).start();
  return { actor, clock, told: () => parent.getSnapshot().context };
}

/** A root actor whose snapshot is the list of events that it was sent. */
export function notebook(options: {
  readonly clock?: SimulatedClock;
  readonly inspect?: (event: InspectionEvent) => void;
}) {
  const pages = fromTransition((told: readonly EventObject[], event: EventObject) => [...told, event], []);
  return createActor(pages, options).start();
}

function named(
  state: string,
  event: string,
  branches: readonly AnyTransitionDefinition[],
): [AnyTransitionDefinition, string][] {
  return branches.map((branch, index) => [branch, `${state} --${event}[${index}]`]);
}

/** A port that hears everything and says nothing. */
export const silent = fromCallback<never, never>(() => undefined) as never;
