import { not } from 'xstate';
import type { AnyStateMachine, AnyStateNode } from 'xstate';

/** A machine that was broken in one place. */
export interface Mutant {
  /** What was done to it, such as `task.running --attempt.ended[1]: guard isOk negated`. */
  readonly name: string;
  readonly config: object;
}

type Config = Readonly<Record<string, unknown>>;
type Put = (changed: unknown) => Config;

/** Every machine that lacks one transition, action or guard of this one, or has one target or guard wrong. */
export function mutantsOf(machine: AnyStateMachine): readonly Mutant[] {
  return mutantsOfNode(machine.root, machine.config as Config, (changed) => changed as Config);
}

function mutantsOfNode(node: AnyStateNode, config: Config, put: Put): readonly Mutant[] {
  const putAt = (key: string) => (changed: unknown) => put({ ...config, [key]: changed });
  const branches = (kind: 'on' | 'after') => {
    const events = recordAt(config, kind);
    return Object.entries(events).flatMap(([event, branch]) =>
      mutantsOfBranches(`${node.id} --${event}`, branch, {
        put: (changed) => putAt(kind)({ ...events, [event]: changed }),
        targets: (index) => otherTargets(node, { kind, event, index }),
      }),
    );
  };
  const states = recordAt(config, 'states');
  return [
    ...mutantsOfActions(`${node.id} entry`, config['entry'], putAt('entry')),
    ...mutantsOfActions(`${node.id} exit`, config['exit'], putAt('exit')),
    ...mutantsOfBranches(`${node.id} --always`, config['always'], {
      put: putAt('always'),
      targets: (index) => otherTargets(node, { kind: 'always', event: '', index }),
    }),
    ...branches('on'),
    ...branches('after'),
    ...Object.entries(node.states).flatMap(([key, child]) =>
      mutantsOfNode(child, recordAt(states, key), (changed) =>
        putAt('states')({ ...states, [key]: changed }),
      ),
    ),
  ];
}

interface BranchesPlace {
  readonly put: Put;
  readonly targets: (index: number) => readonly string[];
}

function mutantsOfBranches(
  name: string,
  branches: unknown,
  { put, targets }: BranchesPlace,
): readonly Mutant[] {
  const all = listOf(branches);
  return all.flatMap((branch, index) => {
    const config: Config = typeof branch === 'string' ? { target: branch } : (branch as Config);
    const place = `${name}[${index}]`;
    const putBranch = (changed: unknown) => put(all.with(index, changed));
    return [
      { name: `${place}: removed`, config: put(all.toSpliced(index, 1)) },
      ...targets(index).map((target) => ({
        name: `${place}: to ${target}`,
        config: putBranch({ ...config, target: `#${target}` }),
      })),
      ...mutantsOfGuard(place, config, putBranch),
      ...mutantsOfActions(place, config['actions'], (actions) => putBranch({ ...config, actions })),
    ];
  });
}

function mutantsOfGuard(place: string, { guard, ...config }: Config, put: Put): readonly Mutant[] {
  if (guard === undefined) return [];
  return [
    { name: `${place}: guard ${nameOf(guard)} removed`, config: put(config) },
    {
      name: `${place}: guard ${nameOf(guard)} negated`,
      config: put({ ...config, guard: not(guard as never) }),
    },
  ];
}

function mutantsOfActions(place: string, actions: unknown, put: Put): readonly Mutant[] {
  const all = listOf(actions);
  return all.map((action, index) => ({
    name: `${place}: action ${nameOf(action)} removed`,
    config: put(all.toSpliced(index, 1)),
  }));
}

/** The state next to the one that the transition leads to: the likeliest mistake. */
function otherTargets(
  node: AnyStateNode,
  { kind, event, index }: { readonly kind: string; readonly event: string; readonly index: number },
): readonly string[] {
  const types = [...node.transitions.keys()];
  const type = kind === 'after' ? types.find((key) => key.startsWith(`xstate.after.${event}.`)) : event;
  const taken = kind === 'always' ? node.always : node.transitions.get(type ?? event);
  const [target] = taken?.[index]?.target ?? [];
  if (target === undefined) return [];
  const siblings = Object.values(target.parent?.states ?? {}).map(({ id }) => id);
  const next = siblings[(siblings.indexOf(target.id) + 1) % siblings.length];
  return next === undefined || next === target.id ? [] : [next];
}

function listOf(value: unknown): readonly unknown[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value];
}

function recordAt(config: Config, key: string): Config {
  return (config[key] ?? {}) as Config;
}

function nameOf(action: unknown): string {
  if (typeof action === 'string') return action;
  const type = typeof action === 'object' && action !== null && 'type' in action ? action.type : undefined;
  return typeof type === 'string' ? type : 'inline';
}
