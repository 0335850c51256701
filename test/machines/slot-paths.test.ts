import { createActor } from 'xstate';
import type { Snapshot } from 'xstate';
import { expect, test } from 'vitest';
import { slotMachine } from '../../machines/slot.ts';
import type { SlotContext, SlotEvent } from '../../machines/slot-types.ts';
import type { Message } from '../../machines/types.ts';
import { coverage } from '../../src/testing/model/coverage.ts';
import { notebook } from '../../src/testing/model/notebook.ts';
import { paths } from '../../src/testing/model/paths.ts';
import { silent } from '../../src/testing/model/silent.ts';
import { simulatedClock } from '../../src/testing/model/simulated-clock.ts';
import { stage } from '../../src/testing/model/stage.ts';
import { wholePaths } from '../conformance/whole-paths.ts';
import { OUT_OF_TURNS } from './attempt.ts';
import { assign, changes, ended, note, opened, settled, slotInput as input } from './slot-stage.ts';

const BACKOFF_OVER = { type: 'xstate.after.restartBackoff.slot.recovering' } as const;

const quiet = slotMachine.provide({ actors: { session: silent } });
const walks = paths(quiet, {
  input,
  events: (snapshot) =>
    snapshot.matches('recovering')
      ? [...eventsFor(snapshot.context), BACKOFF_OVER]
      : eventsFor(snapshot.context),
});

const { inspect, missing } = coverage(quiet);
const walked = walks.map((path) => {
  const { actor, told } = stage(quiet, { input, inspect });
  for (const event of path) actor.send(event);
  return { path, snapshot: actor.getSnapshot(), told: told() };
});

test('every transition of a slot lies on a generated path', () => {
  expect(missing()).toEqual([]);
});

test('a slot answers every request that it was given, once', () => {
  for (const { path, snapshot, told } of walked) {
    const given = path.filter(({ type }) => type === 'slot.assign').length;
    const answers = told.filter(({ type }) => type === 'slot.settled').length;

    expect({ path, open: given - answers }).toEqual({ path, open: hasRequest(snapshot.context) });
  }
});

test('a slot that has failed says so once, and one that has stopped is done', () => {
  for (const { snapshot, told } of walked) {
    const said = (wanted: string) => told.filter(({ type }) => type === wanted).length;
    const { value } = snapshot;

    expect(said('xstate.done.actor.slot')).toBe(value === 'stopped' ? 1 : 0);
    expect(value === 'failed' ? said('slot.failed') : 1).toBe(1);
  }
});

test('a slot that is restored from its record between any two events ends as one that stayed live', () => {
  const whole = new Set(wholePaths(walks));

  for (const { path, snapshot, told } of walked.filter((walk) => whole.has(walk.path))) {
    const { value, context } = snapshot;
    expect(restored(path)).toEqual({ value, context, told });
  }
});

/** Walks a path with a new actor for every event, made from the record of the one before. */
function restored(path: (typeof walks)[number]) {
  const parent = notebook({ clock: simulatedClock() });
  let actor = createActor(quiet, { parent, id: 'slot', input }).start();
  for (const event of path) {
    const record: Snapshot<unknown> = JSON.parse(JSON.stringify(actor.getPersistedSnapshot()));
    actor = createActor(quiet, { parent, id: 'slot', input, snapshot: record }).start();
    actor.send(event);
  }
  const { value, context } = actor.getSnapshot();
  return { value, context, told: parent.getSnapshot().context };
}

/** Turns and restarts are bounded, or the paths would be without end. A slot that holds a request is not drained. */
function eventsFor({
  processTurns,
  restarts,
  request: held,
  identity,
  shared,
  inbox,
}: SlotContext): readonly SlotEvent[] {
  const always: readonly SlotEvent[] = [
    { type: 'slot.interrupt', taskId: 'task-a', generation: 0, at: 1 },
    { type: 'slot.interrupt', taskId: 'task-a', generation: 9, at: 1 },
    { type: 'session.cleared', at: 1 },
    { type: 'session.answered', at: 1 },
    opened,
    ended(),
    { ...ended(), code: 'CLAUDE_AUTH' },
    ...(held === undefined ? [{ type: 'slot.drain', at: 1 } as const] : []),
  ];
  if (processTurns > 1 || restarts.length > 1) return always;
  const isPlain = identity.name === 'Ada' && shared['branch'] === undefined;
  return [
    ...always,
    ...(isPlain ? changes : []),
    ...(isPlain && processTurns === 0 && restarts.length === 0 ? mail(inbox) : []),
    assign(),
    assign({ session: 'fresh' }),
    settled(),
    settled(OUT_OF_TURNS),
    { type: 'slot.forget', at: 1 },
  ];
}

function mail(inbox: readonly Message[]): readonly SlotEvent[] {
  return inbox.length === 0
    ? [{ type: 'message.received', message: note('1'), at: 1 }]
    : [{ type: 'messages.read', ids: ['1'], at: 1 }];
}

function hasRequest(context: SlotContext): number {
  return context.request === undefined ? 0 : 1;
}
