import { createActor, fromCallback, SimulatedClock } from 'xstate';
import { directory } from '../../machines/directory.ts';
import { viewOf } from '../../machines/task-record.ts';
import type { DirectoryOptions } from '../../machines/directory-types.ts';
import type { TaskEvent, TaskInput, TaskOptions, TaskState, TaskWait } from '../../machines/task-types.ts';
import { poolMachine } from '../../machines/pool.ts';
import type { PoolInput } from '../../machines/pool-types.ts';
import type {
  AlarmCommand,
  SessionCommand,
  SessionFact,
  SessionInput,
  SessionTurn,
} from '../../machines/port.ts';
import { slotMachine } from '../../machines/slot.ts';
import type { Evidence, SessionLaunch } from '../../machines/types.ts';
import { ANSWERED, reportOf } from './attempt.ts';

export interface PoolStageOptions extends Partial<PoolInput> {
  readonly directory?: DirectoryOptions;
  /** What keeps a session from opening: the code of an error. */
  readonly refusal?: (launch: SessionLaunch) => string | undefined;
  /** The task that a session answers in the moment that it dies in. */
  readonly lastWords?: string;
  /** Sessions do not hear interrupts: their turns end when the test settles them. */
  readonly isDeaf?: boolean;
}

/** A Claude session in the hands of a test: it opens, clears and closes at once, and answers when it is told to. */
interface Session {
  readonly slotId: string;
  readonly tell: (fact: SessionFact) => void;
  turn?: SessionTurn | undefined;
}

export const POOL_INPUT: PoolInput = {
  slots: [{}],
  settings: {},
  slotPolicy: {
    session: 'resume',
    maxRestarts: 2,
    restartWindowMs: 600_000,
    restartBackoffMs: 1_000,
    maxProcessTurns: 100,
  },
};

const RETRY = { retries: 1, backoffBaseMs: 2_000, backoffMaxMs: 60_000 };

/** A pool of real slots and a real directory, over scripted sessions and a clock that stands still. */
export function poolStage({
  directory: bounds = {},
  refusal,
  lastWords,
  isDeaf = false,
  ...input
}: PoolStageOptions = {}) {
  const clock = new SimulatedClock();
  const turns: SessionTurn[] = [];
  const sessions = new Map<string, Session>();
  const slot = slotMachine.provide({
    actors: { session: scriptedSession({ clock, sessions, turns, refusal, lastWords, isDeaf }) },
  });
  const machine = poolMachine.provide({
    actors: { alarm: simulatedAlarm(clock), slot, directory: directory(bounds) },
  });
  const actor = createActor(machine, { clock, id: 'pool', input: { ...POOL_INPUT, ...input } });
  actor.subscribe({ error: () => undefined });
  actor.start();
  return { actor, machine, clock, turns, ...remote({ actor, clock, sessions }) };
}

/** Sends a pool what its callers and its sessions would. */
function remote({
  actor,
  clock,
  sessions,
}: {
  readonly actor: ReturnType<typeof createActor<typeof poolMachine>>;
  readonly clock: SimulatedClock;
  readonly sessions: ReadonlyMap<string, Session>;
}) {
  let seq = 0;
  const running = () => [...sessions.values()].filter(({ turn }) => turn !== undefined);

  function tell(taskId: string, event: TaskEvent): void {
    actor.send({ type: 'task.tell', taskId, event, at: event.at });
  }

  return {
    submit: (id: string, options: TaskOptions = {}): void => {
      const at = clock.now();
      seq += 1;
      actor.send({ type: 'task.submit', input: taskInput(id, { seq, at, options }), at });
    },
    tell,
    cancel: (taskId: string): void => {
      const reason = { code: 'CANCELLED', message: 'Not wanted any more.' } as const;
      tell(taskId, { type: 'task.cancel', at: clock.now(), reason });
    },
    approve: (taskId: string): void => tell(taskId, { type: 'review.approve', at: clock.now() }),
    reject: (taskId: string, feedback: string): void =>
      tell(taskId, { type: 'review.reject', at: clock.now(), feedback }),
    /** Ends the turn that a session runs for that task. */
    settle: (taskId: string, evidence: Evidence = ANSWERED, spend = 0): void => {
      const session = running().find(({ turn }) => turn?.taskId === taskId);
      if (session === undefined) throw new Error(`Expected a session to run \`${taskId}\`.`);
      session.turn = undefined;
      session.tell({
        type: 'session.settled',
        report: reportOf(evidence, spend),
        at: clock.now(),
        chance: 0.5,
      });
    },
    /** Claude begins to answer that task. */
    answer: (taskId: string): void => {
      const session = running().find(({ turn }) => turn?.taskId === taskId);
      if (session?.turn?.isProbe === true) session.tell({ type: 'session.answered', at: clock.now() });
    },
    crash: (slotId: string): void => {
      const at = clock.now();
      sessions.get(slotId)?.tell({ type: 'session.ended', at, chance: 0.5, message: 'Killed.' });
    },
    running: (): readonly string[] => running().map(({ turn }) => turn?.taskId ?? ''),
    task: (id: string): string => waitOf(taskOf(actor, id)),
    context: (id: string) => taskOf(actor, id)?.context,
    value: () => actor.getSnapshot().value,
    floor: () => actor.getSnapshot().context.floor,
    slotState: (slotId: `slot-${number}`) => actor.getSnapshot().children[slotId]?.getSnapshot().value,
  };
}

/** A pool with budget left, in that state of its limit. */
export function openAs(limit: 'clear' | 'parked' | 'probing') {
  return { open: { limit, budget: 'within' } };
}

export function taskInput(
  id: string,
  { seq, at, options }: { readonly seq: number; readonly at: number; readonly options: TaskOptions },
): TaskInput {
  return { id, prompt: `Do ${id}.`, seq, submittedAt: at, options: { retry: RETRY, ...options } };
}

function taskOf(actor: ReturnType<typeof createActor<typeof poolMachine>>, id: string) {
  const entry = actor.getSnapshot().children.directory?.getSnapshot().context.entries.get(id);
  return entry === undefined ? undefined : viewOf(entry);
}

function waitOf(task: { readonly state: TaskState; readonly wait?: TaskWait } | undefined): string {
  return task?.wait ?? task?.state ?? 'unknown';
}

/** Rings when the simulated clock has come to its time. */
function simulatedAlarm(clock: SimulatedClock) {
  return fromCallback<AlarmCommand>(({ receive, sendBack }) => {
    let timer: number | undefined;
    receive((command) => {
      if (timer !== undefined) clock.clearTimeout(timer);
      timer =
        command.type === 'alarm.clear'
          ? undefined
          : clock.setTimeout(
              () => sendBack({ type: 'alarm.rang', at: clock.now() }),
              command.at - clock.now(),
            );
    });
  });
}

function scriptedSession({
  clock,
  sessions,
  turns,
  refusal,
  lastWords,
  isDeaf,
}: {
  readonly clock: SimulatedClock;
  readonly sessions: Map<string, Session>;
  readonly turns: SessionTurn[];
  readonly refusal: PoolStageOptions['refusal'];
  readonly lastWords: string | undefined;
  readonly isDeaf: boolean;
}) {
  return fromCallback<SessionCommand, SessionInput>(({ input: { launch }, receive, sendBack }) => {
    const tell = (fact: SessionFact): void => sendBack(fact);
    const session: Session = { slotId: launch.slotId, tell };
    const code = refusal?.(launch);
    const chance = 0.5;
    sessions.set(launch.slotId, session);
    receive((command) => {
      const at = clock.now();
      if (command.type === 'session.clear') tell({ type: 'session.cleared', at });
      if (command.type === 'session.close') tell({ type: 'session.ended', at, chance, message: 'Closed.' });
      if (command.type === 'session.run') {
        session.turn = command.turn;
        turns.push(command.turn);
        if (command.turn.taskId !== lastWords) return;
        session.turn = undefined;
        tell({ type: 'session.settled', report: reportOf(ANSWERED), at, chance });
        tell({ type: 'session.ended', at, chance, message: 'Killed.' });
      }
      if (command.type === 'session.interrupt' && session.turn !== undefined && !isDeaf) {
        session.turn = undefined;
        tell({ type: 'session.settled', report: reportOf({ interruption: 'cancelled' }, 3), at, chance });
      }
    });
    if (code === undefined) tell({ type: 'session.opened', at: clock.now(), version: '2.1.330' });
    else tell({ type: 'session.ended', at: clock.now(), chance, code, message: `No: ${code}.` });
    return () => {
      session.turn = undefined;
    };
  });
}
