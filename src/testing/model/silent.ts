import { fromCallback } from 'xstate';

/**
 * Logic for `provide` of an actor that hears everything, says nothing and never ends. It fits in every place.
 *
 * @example
 * const quiet = articleMachine.provide({ actors: { draft: silent } });
 */
export const silent = fromCallback<never, never>(() => undefined) as never;
