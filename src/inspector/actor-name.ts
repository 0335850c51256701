import type { ActorRefLike, AnyStateMachine } from 'xstate';

/** What an inspector has to know of an actor. */
export interface Identity {
  readonly name: string;
  readonly parent?: string;
  /** Id of the statechart that it runs. */
  readonly machine?: string;
}

/** Their XState id is constant; their own is in their context. */
const NAMED_BY_CONTEXT: ReadonlySet<string | undefined> = new Set(['task', 'chain']);

/**
 * Who an actor is. Before an actor has a snapshot of its own, the one that it is about to have is needed.
 * `undefined` when nothing says it yet.
 */
export function identityOf(ref: ActorRefLike, snapshot: unknown = ref.getSnapshot()): Identity | undefined {
  const machine = machineOf(ref);
  const parentRef = memberOf(ref, '_parent');
  const parent = isActor(parentRef) ? identityOf(parentRef) : undefined;
  const name = ownName(ref, { machine, snapshot });
  if (name === undefined) return undefined;
  if (parent === undefined) return { name, ...(machine !== undefined && { machine }) };
  const isOfPool = parent.machine === 'pool' || NAMED_BY_CONTEXT.has(machine);
  return {
    name: isOfPool ? name : `${parent.name}/${name}`,
    parent: parent.name,
    ...(machine !== undefined && { machine }),
  };
}

function ownName(
  ref: ActorRefLike,
  { machine, snapshot }: { readonly machine: string | undefined; readonly snapshot: unknown },
): string | undefined {
  const id = NAMED_BY_CONTEXT.has(machine)
    ? memberOf(memberOf(snapshot, 'context'), 'id')
    : memberOf(ref, 'id');
  return typeof id === 'string' ? id : undefined;
}

function machineOf(ref: ActorRefLike): string | undefined {
  const logic = memberOf(ref, 'logic');
  return isMachine(logic) ? logic.id : undefined;
}

function isMachine(logic: unknown): logic is AnyStateMachine {
  return memberOf(logic, 'root') !== undefined && typeof memberOf(logic, 'id') === 'string';
}

function isActor(value: unknown): value is ActorRefLike {
  return typeof memberOf(value, 'getSnapshot') === 'function';
}

function memberOf(value: unknown, key: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  return Reflect.get(value, key);
}
