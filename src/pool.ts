import { createActor, waitFor } from 'xstate';
import type { InspectionEvent, Observer } from 'xstate';
import { isOver } from '../machines/chain-shelf.ts';
import type { ChainView } from '../machines/chain-shelf.ts';
import { directory, isEnded } from '../machines/directory.ts';
import type { TaskView } from '../machines/directory.ts';
import { poolMachine } from '../machines/pool.ts';
import { hasUsableSeat } from '../machines/floor.ts';
import { slotMachine } from '../machines/slot.ts';
import { alarmActor } from './actors/alarm.ts';
import { sessionActor } from './actors/session.ts';
import type { Abortable, Pool, PoolOptions } from './api.ts';
import { claudeDriver } from './claude/driver.ts';
import { isPoolErrorCode, PoolError } from './errors.ts';
import { eventLog } from './event-log.ts';
import type { EventDraft } from './event-log.ts';
import { facade } from './facade.ts';
import { journal } from './journal.ts';
import { liveOutput } from './live-output.ts';
import { metricsBook } from './metrics/metrics-book.ts';
import { parsePoolOptions } from './options.ts';
import { memoryStore } from './store/memory.ts';
import { skillFolders } from './skills/skill-folders.ts';
import { skillRegistry } from './skills/skill-registry.ts';
import type { SkillRegistryOptions } from './skills/skill-registry.ts';
import { chainEventsOf, taskEventOf, watch } from './watch.ts';
import { waiters } from './waiters.ts';

/**
 * Starts a pool of Claude sessions and resolves when the first slot is ready.
 *
 * Rejects with `INVALID_OPTIONS`, or with what kept every slot from starting:
 * `CLAUDE_NOT_FOUND`, `CLAUDE_AUTH`, `CLAUDE_PROTOCOL`, `NO_SLOTS_AVAILABLE`. Aborting the signal stops the start.
 *
 * @example
 * await using pool = await createPool({ slots: 4, budgetUsd: 5 });
 * const { output } = await pool.run('Say hello.');
 */
export async function createPool({ signal, ...options }: PoolOptions & Abortable = {}): Promise<Pool> {
  const { input, directory: kept, bounds, taskDefaults } = parsePoolOptions(options);
  signal?.throwIfAborted();
  const now = Date.now;
  const store = memoryStore();
  const log = eventLog({ now });
  const output = liveOutput();
  const waiting = waiters<TaskView>({ noun: 'task', hasEnded: ({ state }) => isEnded(state) });
  const chainsWaiting = waiters<ChainView>({ noun: 'chain', hasEnded: ({ state }) => isOver(state) });
  const metrics = metricsBook({ startedAt: now() });
  const book = journal({
    store,
    ledger: () => actor.getSnapshot().context.floor.ledger,
    onDurable({ tasks, chains }) {
      waiting.settle(tasks);
      chainsWaiting.settle(chains);
    },
  });
  const publish = (draft: EventDraft): void => book.record(log.publish(draft));

  const machine = poolMachine.provide({
    actors: {
      alarm: alarmActor({ now }),
      directory: directory({
        ...kept,
        observe(change) {
          metrics.observe(change);
          const draft = taskEventOf(change);
          if (draft === undefined) return;
          if (change.task.context.endedAt !== undefined) output.end(change.task.context.id);
          book.record(log.publish(draft), { task: change.task });
        },
        observeChain(change) {
          for (const draft of chainEventsOf(change)) book.record(log.publish(draft), { chain: change.chain });
        },
      }),
      slot: slotMachine.provide({
        actors: {
          session: sessionActor({
            driver: options.driver ?? claudeDriver(options.claude),
            barrier: () => book.flushed(),
            now,
            chance: Math.random,
            hooksFor: (taskId) => ({ onText: (text) => output.push(taskId, text) }),
          }),
        },
      }),
    },
  });
  const actor = createActor(machine, { id: 'pool', input, ...inspection(options.inspect) });
  watch(actor, publish);
  actor.subscribe({
    error(error) {
      waiting.failAll(error);
      chainsWaiting.failAll(error);
    },
  });
  actor.start();

  const pool = facade({
    actor,
    log,
    output,
    waiting,
    chainsWaiting,
    book,
    metrics,
    store,
    now,
    taskDefaults,
    bounds,
    skills: skillRegistry(skillSources(options)),
    nextSeq: counter(),
  });
  await waitFor(actor, ({ value }) => value !== 'starting', signal === undefined ? {} : { signal }).catch(
    async (error: unknown) => {
      await pool.drain({ timeoutMs: 0 });
      throw signal?.aborted === true ? signal.reason : error;
    },
  );
  const { floor } = actor.getSnapshot().context;
  if (hasUsableSeat(floor)) return pool;
  await pool.drain();
  const { code = '', message = 'No slot could be started.' } = floor.failure ?? {};
  throw new PoolError(isPoolErrorCode(code) ? code : 'NO_SLOTS_AVAILABLE', message);
}

function counter(): () => number {
  let last = 0;
  return () => {
    last += 1;
    return last;
  };
}

function skillSources({ skills = {}, claude }: PoolOptions): SkillRegistryOptions {
  const folders = skillFolders(claude?.cwd === undefined ? {} : { cwd: claude.cwd });
  const { project = folders.project, global = folders.global, builtin = true, disabled = [] } = skills;
  return {
    disabled,
    ...(project !== false && { project }),
    ...(global !== false && { global }),
    ...(builtin && { builtin: folders.builtin }),
  };
}

function inspection(inspect: PoolOptions['inspect']): {
  inspect?: Observer<InspectionEvent> | ((event: InspectionEvent) => void);
} {
  return inspect === undefined ? {} : { inspect };
}
