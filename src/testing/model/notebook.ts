import { createActor, fromTransition } from 'xstate';
import type { Actor, EventObject, InspectionEvent, TransitionActorLogic } from 'xstate';
import type { SimulatedClock } from 'xstate';

export type Notebook = Actor<TransitionActorLogic<readonly EventObject[], EventObject, undefined>>;

export interface NotebookOptions {
  readonly clock?: SimulatedClock;
  readonly inspect?: (event: InspectionEvent) => void;
}

/** A root actor whose snapshot is the list of events that it was sent. */
export function notebook(options: NotebookOptions = {}): Notebook {
  const pages = fromTransition((told: readonly EventObject[], event: EventObject) => [...told, event], []);
  return createActor(pages, options).start();
}
