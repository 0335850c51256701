import { isEnded, viewOf } from '../../machines/task-record.ts';
import type { Entry } from '../../machines/task-record.ts';
import type { ChainView } from '../../machines/index.ts';
import type { Pool } from '../index.ts';
import { cut } from './excerpt.ts';
import type { StateValue } from './feed-entry.ts';

const MOST_TASKS = 2_000;
const MOST_ENDED = 200;

/** All actors as they are now, so that a reader can begin in the middle. */
export interface Picture {
  readonly actors: readonly ActorPicture[];
  /** Tasks that are left out because there are too many. */
  readonly omitted: number;
}

export interface ActorPicture {
  readonly name: string;
  readonly machine?: string;
  readonly state?: StateValue;
  readonly passivated?: true;
  readonly prompt?: string;
}

/** Tasks that go on come first, then those that ended last. */
export function pictureOf({ actor }: Pool): Picture {
  const { value, children } = actor.getSnapshot();
  const work = children.directory?.getSnapshot().context;
  const entries = [...(work?.entries.values() ?? [])];
  const open = entries.filter((entry) => !isEnded(viewOf(entry).state));
  const ended = entries.filter((entry) => isEnded(viewOf(entry).state)).slice(-MOST_ENDED);
  const tasks = [...open.slice(0, MOST_TASKS), ...ended];
  return {
    actors: [
      { name: 'pool', machine: 'pool', state: value },
      ...Object.entries(children).flatMap(([name, child]) => slotPicture(name, child?.getSnapshot())),
      ...[...(work?.chains.views() ?? [])].slice(-MOST_ENDED).flatMap(chainPicture),
      ...tasks.map(taskPicture),
    ],
    omitted: Math.max(0, open.length - MOST_TASKS),
  };
}

function slotPicture(name: string, snapshot: object | undefined): readonly ActorPicture[] {
  if (!name.startsWith('slot-') || snapshot === undefined || !('value' in snapshot)) return [];
  return [{ name, machine: 'slot', state: snapshot.value as StateValue }];
}

function taskPicture(entry: Entry): ActorPicture {
  const { context } = viewOf(entry);
  return {
    name: context.id,
    machine: 'task',
    prompt: cut(context.prompt),
    state: valueOf(entry),
    ...(!('getSnapshot' in entry) && context.endedAt === undefined && { passivated: true }),
  };
}

function valueOf(entry: Entry): StateValue {
  if ('prompt' in entry) return { pending: 'ready' };
  return 'getSnapshot' in entry ? entry.getSnapshot().value : entry.value;
}

function chainPicture({ state, context, working }: ChainView): readonly ActorPicture[] {
  const value = RUNNING[state] ?? state;
  const steps = working.map((step) => ({
    name: `${context.id}/step-${step.context.place}`,
    machine: 'step',
    state: step.state,
  }));
  return [{ name: context.id, machine: 'chain', state: value }, ...steps];
}

const RUNNING: Readonly<Record<string, StateValue>> = {
  running: { running: 'working' },
  cancelling: { running: 'cancelling' },
};
