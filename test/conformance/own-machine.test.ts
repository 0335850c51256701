import { createActor, fromPromise, waitFor } from 'xstate';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Pool } from '../../src/api.ts';
import { checkInvariants, coverage, paths, silent, stage } from '../../src/testing/index.ts';
import { fakeWitness } from '../pool/witness.ts';
import type { FakeWitness } from '../pool/witness.ts';
import { articleMachine } from './article-machine.ts';

const DRAFTED = { type: 'xstate.done.actor.draft', output: 'echo', actorId: 'draft' } as const;
const REFUSED = { type: 'xstate.error.actor.draft', error: 'No.', actorId: 'draft' } as const;
const CANCEL = { type: 'article.cancel' } as const;
const ANSWERS = [{ type: 'article.accept' }, { type: 'article.reject' }] as const;

const quiet = articleMachine.provide({ actors: { draft: silent } });
const walks = paths(quiet, {
  input: { topic: 'owls' },
  events: (article) => (article.matches('drafting') ? [DRAFTED, REFUSED, CANCEL] : ANSWERS),
});

let witness: FakeWitness;
beforeAll(async () => {
  witness = await fakeWitness({
    rules: [
      { when: REFUSED.type, answers: [{ status: 400 }] },
      { when: CANCEL.type, answers: [{ silence: true }] },
    ],
  });
});
afterAll(() => witness[Symbol.asyncDispose]());

test('every transition of a machine of your own lies on a generated path', () => {
  const { inspect, missing } = coverage(quiet);

  for (const path of walks) {
    const { actor } = stage(quiet, { input: { topic: 'owls' }, inspect });
    for (const event of path) actor.send(event);
  }

  expect(missing()).toEqual([]);
});

test('a machine of your own walks all its paths on a real pool as it does without one', async () => {
  for (const path of walks) {
    const { actor: model } = stage(quiet, { input: { topic: 'owls' } });
    const article = createActor(articleOn(witness.pool, path), { input: { topic: 'owls' } }).start();
    for (const event of path) {
      model.send(event);
      if (!isOfPool(event)) article.send(event);

      await waitFor(article, ({ value }) => value === model.getSnapshot().value, { timeout: 10_000 });

      expect(article.getSnapshot().context.rounds).toBe(model.getSnapshot().context.rounds);
      expect(checkInvariants(witness.pool)).toEqual([]);
    }
    article.stop();
  }
});

type Walk = (typeof walks)[number];

/** Claude ends each draft as the path says: the script chooses by a word in the prompt. */
function articleOn(pool: Pool, path: Walk) {
  const ends = path.map(({ type }) => type).filter((type) => isOfPool({ type }) || type === CANCEL.type);
  return articleMachine.provide({
    actors: {
      draft: fromPromise(async ({ input: { prompt }, signal }) => {
        const { output } = await pool.run(`${prompt} ${ends.shift() ?? CANCEL.type}`, { signal });
        return output;
      }),
    },
  });
}

function isOfPool({ type }: { readonly type: string }): boolean {
  return type === DRAFTED.type || type === REFUSED.type;
}
