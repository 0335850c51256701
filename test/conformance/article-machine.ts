import { assign, fromPromise, setup } from 'xstate';

/** A lifecycle as a user of the pool has it: drafts are written by Claude, a person accepts or rejects them. */
export const articleMachine = setup({
  types: {
    context: {} as { readonly topic: string; readonly rounds: number; readonly text: string },
    events: {} as { readonly type: 'article.accept' | 'article.reject' | 'article.cancel' },
    input: {} as { readonly topic: string },
  },
  actors: {
    draft: fromPromise<string, { readonly prompt: string }>(() =>
      Promise.reject(new Error('Expected `draft` to be provided.')),
    ),
  },
  guards: { canRedraft: ({ context }) => context.rounds < 2 },
}).createMachine({
  id: 'article',
  context: ({ input }) => ({ topic: input.topic, rounds: 0, text: '' }),
  initial: 'drafting',
  states: {
    drafting: {
      entry: assign({ rounds: ({ context }) => context.rounds + 1 }),
      invoke: {
        id: 'draft',
        src: 'draft',
        input: ({ context }) => ({ prompt: `Write about ${context.topic}.` }),
        onDone: { target: 'reviewing', actions: assign({ text: ({ event }) => event.output }) },
        onError: 'abandoned',
      },
      on: { 'article.cancel': 'abandoned' },
    },
    reviewing: {
      on: {
        'article.accept': 'published',
        'article.reject': [{ guard: 'canRedraft', target: 'drafting' }, { target: 'abandoned' }],
      },
    },
    published: { type: 'final' },
    abandoned: { type: 'final' },
  },
});
