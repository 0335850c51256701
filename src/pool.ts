import { createActor, waitFor } from 'xstate';
import type { InspectionEvent, Observer } from 'xstate';
import { isOver } from '../machines/chain-shelf.ts';
import type { TaskChange } from '../machines/directory-types.ts';
import { directory } from '../machines/directory.ts';
import { hasUsableSeat } from '../machines/floor.ts';
import type { PoolInput } from '../machines/pool-types.ts';
import { poolMachine } from '../machines/pool.ts';
import type { Recovered } from '../machines/recovery.ts';
import { slotMachine } from '../machines/slot.ts';
import { isEnded, viewOf } from '../machines/task-record.ts';
import { alarmActor } from './actors/alarm.ts';
import { roomedDriver } from './actors/roomed-driver.ts';
import { sessionActor } from './actors/session.ts';
import type { SendingAttempt } from './actors/session.ts';
import type { Abortable, Pool, PoolOptions } from './api.ts';
import { claudeDriver } from './claude/driver.ts';
import { deferred } from './deferred.ts';
import { directoryOf } from './directory-of.ts';
import { attemptTrails } from './durable/attempt-trails.ts';
import { durableStore } from './durable/durable-store.ts';
import { poolKeeper } from './durable/kept-pool.ts';
import type { Kept } from './durable/kept.ts';
import { openDurable } from './durable/open-durable.ts';
import { recaller } from './durable/recaller.ts';
import type { Recovery } from './durable/recover.ts';
import { isPoolErrorCode, PoolError } from './errors.ts';
import { facade } from './facade/facade.ts';
import { statusWatch } from './history/status-watch.ts';
import { journal } from './journal.ts';
import { leavers } from './leavers.ts';
import { metricsBook } from './metrics/metrics-book.ts';
import { openSkills } from './open-skills.ts';
import { assertOptions } from './options/call-arguments.ts';
import { parsePoolOptions } from './options/parse-pool-options.ts';
import type { Store } from './ports.ts';
import { openRooms } from './rooms/open-rooms.ts';
import { memoryStore } from './store/memory.ts';
import type { DurableStore } from './store/port.ts';
import { chainEventsOf } from './streams/chain-events.ts';
import { eventLog } from './streams/event-log.ts';
import type { EventDraft } from './streams/event-log.ts';
import { liveOutput } from './streams/live-output.ts';
import { taskEventOf } from './streams/task-event.ts';
import { watchPool } from './streams/watch-pool.ts';
import { lifecycleOf } from './views/pool-status.ts';
import { waitingRoom } from './waiting-room.ts';
import { realWorld } from './world.ts';
import type { World } from './world.ts';

/** Ends that stay in memory where a store keeps them all. */
const RECENT_ENDS = 1_000;

/**
 * Starts a pool of Claude sessions and resolves when the first slot is ready.
 *
 * Rejects with `INVALID_OPTIONS`, or with what kept every slot from starting:
 * `CLAUDE_NOT_FOUND`, `CLAUDE_AUTH`, `CLAUDE_PROTOCOL`, `WORKTREE`, `NO_SLOTS_AVAILABLE`. Aborting the signal stops the start.
 *
 * @example
 * await using pool = await createPool({ slots: 4, budgetUsd: 5 });
 * const { output } = await pool.run('Say hello.');
 */
export async function createPool(options: PoolOptions & Abortable = {}): Promise<Pool> {
  assertOptions(options);
  return createPoolIn(realWorld, options);
}

/** A pool in a world that a test can hold still. */
export async function createPoolIn(
  { now, chance, clock, nextTurn }: World,
  { signal, ...options }: PoolOptions & Abortable,
): Promise<Pool> {
  const {
    input,
    directory: limits,
    bounds,
    taskDefaults,
    workspaces: plan,
    ...parsed
  } = parsePoolOptions(options);
  signal?.throwIfAborted();
  const { stateDir, keepFinished, driver = claudeDriver(options.claude) } = options;
  const { workspaces, rooms } = await openRooms(plan, signal);
  const slotIds = input.slots.map((_, index) => `slot-${index}`);
  const policy = parsed.recovery;
  const durable = await openDurable({ stateDir, keepFinished, driver, policy, slotIds, now, signal });
  const start = deferred<boolean>();
  const trails = attemptTrails();
  const sessions = leavers();
  const store = durable === undefined ? memoryStore() : keepIn(durable.store);
  const statusSince = statusWatch();
  const log = eventLog({
    now,
    last: durable?.recovery.lastEventSeq ?? 0,
    ...(durable && { statusChange: () => statusSince(actor.getSnapshot(), directoryOf(actor)) }),
  });
  const output = liveOutput();
  const waiting = waitingRoom();
  const metrics = metricsBook({ startedAt: now() });
  const book = journal({
    store,
    nextTurn,
    onDurable({ tasks, chains }) {
      waiting.settle({ tasks, chains });
      // A pool that could not start has committed nothing.
      if (durable === undefined || lifecycleOf(actor.getSnapshot()) !== 'open') return;
      actor.getSnapshot().children.directory?.send({ type: 'directory.kept', tasks });
    },
    onFailure: giveUp,
  });
  let isGivenUp = false;
  const publish = (draft: EventDraft): void => book.record({ event: log.publish(draft) });

  /** The store takes or gives nothing more. */
  function giveUp(error: unknown): void {
    if (isGivenUp) return;
    isGivenUp = true;
    waiting.failAll(error);
    actor.send({ type: 'pool.drain', at: now(), until: now() });
  }

  function keepIn(kept: DurableStore<Kept>): Store {
    const poolRecord = poolKeeper();
    return durableStore({
      store: kept,
      started: start.promise,
      pool: () => poolRecord(actor.getSnapshot(), directoryOf(actor)),
      chainRecord: (chainId) => directoryOf(actor).chains.record(chainId),
      trailOf: trails.of,
    });
  }

  function observe(change: TaskChange): void {
    const { task } = change;
    metrics.observe(change);
    if (task.context.endedAt !== undefined) output.end(task.context.id);
    if (isEnded(task.state)) rooms.vacate(task.context.id);
    if (task.state !== 'running') trails.forget(task.context.id);
    const draft = taskEventOf(change);
    // Before the events: who hears one may ask for the task.
    book.record({ task });
    publishPool();
    if (draft !== undefined) publish(draft);
  }

  function noteTrail({ taskId, ...trail }: SendingAttempt): void {
    const entry = directoryOf(actor).entries.get(taskId);
    if (entry === undefined) return;
    trails.note(taskId, { ...trail, startedAt: now() });
    book.record({ task: viewOf(entry) });
  }

  const machine = poolMachine.provide({
    actors: {
      alarm: alarmActor({ now, clock }),
      directory: directory({
        ...limits,
        ...(durable && {
          keepFinished: Math.min(limits.keepFinished, RECENT_ENDS),
          recall: recaller({
            store: durable.store,
            onLost: (taskId, error) => waiting.tasks.fail(taskId, error),
            onFailure: giveUp,
          }),
          restored: durable.recovery.work,
        }),
        observe,
        observeChain(change) {
          for (const draft of chainEventsOf(change)) {
            book.record({ event: log.publish(draft), chain: change.chain });
          }
          if (isOver(change.chain.state)) rooms.vacate(change.chain.context.id);
        },
      }),
      slot: slotMachine.provide({
        actors: {
          session: sessionActor({
            driver: roomedDriver({ driver, rooms, tellMissing: plan.tellMissing }),
            barrier: () => book.flushed(),
            now,
            chance,
            hooksFor: (taskId) => ({ onText: (text) => output.push(taskId, text) }),
            ...(durable && { onSending: noteTrail }),
            onStop: sessions.add,
          }),
        },
      }),
    },
  });
  const actor = createActor(machine, {
    id: 'pool',
    clock,
    input: durable === undefined ? input : restoredInput(input, durable.recovery),
    ...inspection(options.inspect),
  });
  const publishPool = watchPool(actor, publish);
  actor.subscribe({ error: waiting.failAll });
  actor.start();
  for (const end of durable?.recovery.cutOff ?? []) goOn(end);
  for (const taskId of durable?.recovery.lost ?? []) {
    actor.getSnapshot().children.directory?.send({ type: 'directory.lost', taskId, at: now() });
  }

  /** Tells everybody how a task goes on that was cut off. */
  function goOn({ task, ending }: Recovered): void {
    observe({ task, before: { ...task, state: 'running' }, event: { type: 'task.wake', at: now() } });
    if (ending === undefined) return;
    actor.send({ type: 'task.tell', taskId: task.context.id, event: ending, at: ending.at });
  }

  const pool = facade({
    actor,
    log,
    output,
    waiting,
    book,
    metrics,
    store,
    ...(durable && { archive: durable.store }),
    sessionsGone: sessions.gone,
    publish,
    now,
    taskDefaults,
    bounds,
    workspaces,
    rooms,
    skills: openSkills(options),
    nextSeq: counter(durable?.recovery.lastSeq ?? 0),
  });
  const obstacle = await obstacleToStart(actor, signal);
  start.resolve(obstacle === undefined);
  if (obstacle === undefined) return pool;
  await pool.drain({ timeoutMs: 0 });
  throw obstacle;
}

/** What keeps the pool from its work; nothing once a slot is ready. */
async function obstacleToStart(actor: Pool['actor'], signal: AbortSignal | undefined): Promise<unknown> {
  try {
    await waitFor(actor, ({ value }) => value !== 'starting', signal === undefined ? {} : { signal });
  } catch (error) {
    return signal?.aborted === true ? signal.reason : error;
  }
  const { floor } = actor.getSnapshot().context;
  if (hasUsableSeat(floor)) return undefined;
  const { code = '', message = 'No slot could be started.' } = floor.failure ?? {};
  return new PoolError(isPoolErrorCode(code) ? code : 'NO_SLOTS_AVAILABLE', message);
}

function counter(start: number): () => number {
  let last = Math.ceil(start);
  return () => {
    last += 1;
    return last;
  };
}

function restoredInput(input: PoolInput, { pool: { shared, ...restored } }: Recovery): PoolInput {
  return { ...input, shared, restored };
}

function inspection(inspect: PoolOptions['inspect']): {
  inspect?: Observer<InspectionEvent> | ((event: InspectionEvent) => void);
} {
  return inspect === undefined ? {} : { inspect };
}
