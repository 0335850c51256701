import { createActor, fromTransition } from 'xstate';
import type { AnyActorRef, AnyActorScope } from 'xstate';
import { expect, test } from 'vitest';
import { chainShelf } from '../../machines/chain-shelf.ts';
import type { ChainChange, ChainShelf } from '../../machines/chain-shelf.ts';
import type { ChainInput, ChainNotice } from '../../machines/chain-types.ts';
import { chainOf, step } from './chain-stage.ts';
import { poolStage } from './pool-stage.ts';

const work = chainOf([
  step('plan'),
  { parallel: [step('code', { retries: 1 }), step('test')] },
  step('ship', { prompt: 'Ship {previous_output}' }),
]);

test('more chains than may stay live are passivated, and each event brings its chain back for itself alone', () => {
  const { within, stopped } = house();
  const shelf = shelfOf(1);
  for (const id of ['a', 'b', 'c']) within((scope) => shelf.admit({ ...work, id }, scope));
  const before = [stopped(), ['a', 'b', 'c'].map((id) => shelf.view(id)?.working.length)];

  within((scope) => shelf.tell('c', { type: 'chain.cancel', at: 5 }, scope));

  expect(before).toEqual([2, [1, 1, 1]]);
  expect([stopped(), ['a', 'c'].map((id) => shelf.view(id)?.state)]).toEqual([3, ['running', 'cancelling']]);
  expect(shelf.record('b')).toMatchObject({ status: 'active', context: { id: 'b' } });
});

test('chains that are passivated between all their events end as those that stayed live, and tell the same', () => {
  const [passivated, live] = [0, 99].map(walked);

  expect(passivated).toEqual(live);
  expect(passivated?.changes.at(-1)).toMatchObject({ chain: { state: 'completed' } });
  expect(passivated?.prompts).toHaveLength(5);
});

/** One chain from its start to its end on a pool, with a step that is tried twice. */
function walked(liveTasks: number) {
  const changes: ChainChange[] = [];
  const { actor, settle, turns, clock } = poolStage({
    slots: [{}, {}],
    directory: { liveTasks, observeChain: (change) => changes.push(change) },
  });
  const input: ChainInput = { ...work, id: 'chain-a' };
  actor.send({ type: 'chain.submit', input, at: 0 });
  settle('chain-a-1');
  settle('chain-a-2', { openError: { code: 'INVALID_OPTIONS', message: 'No.' } });
  settle('chain-a-3');
  settle('chain-a-4');
  clock.increment(1_000);
  settle('chain-a-5');
  return { changes, prompts: turns.map(({ prompt }) => prompt) };
}

function shelfOf(liveChains: number): ChainShelf {
  return chainShelf({ liveChains, keepFinished: 9, restored: [] });
}

type Act = (scope: AnyActorScope) => void;
type Told = ChainNotice | { readonly type: 'house.act'; readonly act: Act };

/** An actor within which a shelf can be used, as within the directory. */
function house() {
  let stopped = 0;
  const actor = createActor(
    fromTransition((state: number, event: Told, scope) => {
      if (event.type === 'house.act') event.act({ ...scope, stopChild: (child) => stop(child, scope) });
      return state;
    }, 0),
  ).start();

  function stop(child: AnyActorRef, scope: AnyActorScope): void {
    stopped += 1;
    scope.stopChild(child);
  }

  return {
    within: (act: Act): void => actor.send({ type: 'house.act', act }),
    stopped: () => stopped,
  };
}
