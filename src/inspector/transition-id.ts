import type { AnyTransitionDefinition } from 'xstate';

/** Names a transition within its machine: the state, the event, and its place among those of that event. */
export function transitionId(transition: AnyTransitionDefinition): string {
  const { source, eventType } = transition;
  const alike = source.transitions.get(eventType) ?? source.always ?? [];
  return `${source.id} ${eventType} ${alike.indexOf(transition)}`;
}
