import type { Pool } from '../api.ts';
import { assertOptions } from '../options/call-arguments.ts';

/** The place of the options among the arguments of each method that takes them apart, by how it refuses them. */
const REJECTING: Places<Pool> = {
  run: 1,
  submit: 1,
  submitWithReview: 1,
  fanOut: 1,
  wait: 1,
  result: 1,
  cancel: 1,
  approveResult: 1,
  rejectResult: 2,
  diff: 1,
  submitChain: 1,
  runChain: 1,
  fanOutChains: 1,
  waitChain: 1,
  cancelChain: 1,
  runSkill: 2,
  submitSkill: 2,
  history: 0,
  drain: 0,
};
const THROWING: Places<Pool> = { tasks: 0, chains: 0, findSlots: 0, events: 0, output: 1 };
const OF_WORKSPACES: Places<Pool['workspaces']> = { list: 0, diff: 1, restore: 1, prune: 0 };

type Method = (...args: readonly unknown[]) => unknown;
type Places<Face> = { readonly [Name in keyof Face]?: number };

/** The pool with a border: what is no object never comes to where options are taken apart. */
export function withOptionsBorder(pool: Pool): Pool {
  return {
    ...guarded(
      guarded(pool, THROWING, (call) => call()),
      REJECTING,
      async (call) => call(),
    ),
    workspaces: guarded(pool.workspaces, OF_WORKSPACES, async (call) => call()),
  };
}

function guarded<Face extends object>(
  face: Face,
  places: Places<Face>,
  attempt: (call: () => unknown) => unknown,
): Face {
  const methods = Object.entries(places).map(([name, place]) => {
    const method: Method = Reflect.get<object, string>(face, name);
    const call: Method = (...args) =>
      attempt(() => {
        assertOptions(args[Number(place)]);
        return method(...args);
      });
    return [name, call] as const;
  });
  return { ...face, ...Object.fromEntries(methods) };
}
