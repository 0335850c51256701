import type { AnyStateNode, AnyTransitionDefinition } from 'xstate';

/** All transitions of a state, in the order in which they are tried. */
export function transitionsOf(node: AnyStateNode): readonly AnyTransitionDefinition[] {
  return [...[...node.transitions.values()].flat(), ...(node.always ?? [])];
}

/** The event and, in brackets, the guard. */
export function labelOf({ eventType, guard }: AnyTransitionDefinition): string {
  const guardName = typeof guard === 'object' && 'type' in guard ? guard.type : guard;
  const condition = typeof guardName === 'string' ? ` [${guardName}]` : '';
  return `${nameOf(eventType)}${condition}`;
}

/** `xstate.after.DELAY.STATE` is a delay, `xstate.done.actor.ID` the end of an actor. */
export function nameOf(eventType: string): string {
  const [, delay] = /^xstate\.after\.([^.]+)\./.exec(eventType) ?? [];
  if (delay !== undefined) return `after ${delay}`;
  if (eventType === '') return 'always';
  return eventType.replace(/^xstate\.(done|error)\.actor\./, '$1 ').replaceAll(':', ' ');
}
