import { fromCallback } from 'xstate';

/** Logic for `provide` of an actor that hears everything, says nothing and never ends. */
export const silent = fromCallback<never, never>(() => undefined) as never;
