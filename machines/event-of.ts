/** The `params` of an action or guard that takes its event whole; keeps the event's type, which a bare action loses. */
export function eventOf<Event>({ event }: { readonly event: Event }): Event {
  return event;
}
