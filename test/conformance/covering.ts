import type { AnyStateMachine, EventFrom, InputFrom } from 'xstate';
import { coverage } from '../../src/testing/model/coverage.ts';
import { stage } from '../../src/testing/model/stage.ts';

export interface Walk<Machine extends AnyStateMachine> {
  readonly input: InputFrom<Machine>;
  readonly path: readonly EventFrom<Machine>[];
}

export interface Covering<Machine extends AnyStateMachine> {
  readonly walks: readonly Walk<Machine>[];
  /** Transitions that no walk takes. */
  readonly missing: readonly string[];
}

/** Few walks that together take every transition that all of them take: the next is always the one that adds most. */
export function covering<Machine extends AnyStateMachine>(
  machine: Machine,
  walks: readonly Walk<Machine>[],
): Covering<Machine> {
  const candidates = walks.map((walk) => ({ walk, lacks: new Set(missingAfter(machine, walk)) }));
  const chosen: Walk<Machine>[] = [];
  let missing = coverage(machine).missing();
  for (;;) {
    const [best] = candidates
      .map(({ walk, lacks }) => ({ walk, rest: missing.filter((transition) => lacks.has(transition)) }))
      .toSorted((one, other) => one.rest.length - other.rest.length || lengthOf(one) - lengthOf(other));
    if (best === undefined || best.rest.length === missing.length) return { walks: chosen, missing };
    chosen.push(best.walk);
    missing = best.rest;
  }
}

function lengthOf({ walk }: { readonly walk: { readonly path: readonly unknown[] } }): number {
  return walk.path.length;
}

function missingAfter<Machine extends AnyStateMachine>(
  machine: Machine,
  { input, path }: Walk<Machine>,
): readonly string[] {
  const { inspect, missing } = coverage(machine);
  const { actor } = stage(machine, { input, inspect });
  for (const event of path) actor.send(event);
  return missing();
}
