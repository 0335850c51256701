import { createActor } from 'xstate';
import type { EventObject, InspectionEvent, Snapshot } from 'xstate';
import { chainMachine } from '../../machines/chain.ts';
import type {
  ChainEvent,
  ChainInput,
  ChainNotice,
  ChainOptions,
  ChainPart,
} from '../../machines/chain-types.ts';
import type { ChainStep, StepTaskOutcome, TaskEnded } from '../../machines/step-types.ts';
import { parseTemplate } from '../../machines/template.ts';
import { notebook } from '../../src/testing/model/notebook.ts';

export function step(name: string, { prompt = `Do ${name}.`, ...rest }: StepDraft = {}): ChainStep {
  return { name, prompt: parseTemplate(prompt), retries: 0, options: {}, ...rest };
}

export type StepDraft = Partial<Omit<ChainStep, 'prompt' | 'name'>> & { readonly prompt?: string };

export function chainOf(steps: readonly ChainPart[], options: Partial<ChainOptions> = {}): ChainInput {
  return {
    id: 'chain-a',
    seq: 7,
    steps,
    options: { onFailure: 'abort', session: 'chain', ...options },
    submittedAt: 0,
  };
}

export function taskEnded(taskId: string, outcome: Partial<StepTaskOutcome> = {}): TaskEnded {
  const answered = {
    status: 'completed',
    output: `answer of ${taskId}`,
    spend: 2,
    spendEstimated: false,
    startedAt: 3,
    endedAt: 5,
  } as const;
  return { type: 'task.ended', taskId, outcome: { ...answered, ...outcome }, at: 5 };
}

export const FAILED = {
  status: 'failed',
  output: '',
  error: { code: 'TASK_FAILED', message: 'It did not compile.' },
} as const;

export const SHUT_OUT = {
  status: 'cancelled',
  output: '',
  error: { code: 'POOL_CLOSED', message: 'The pool was drained before the task could end.' },
} as const;

/** A chain at work below a parent that writes down what it is told. */
export function chainStage(input: ChainInput, inspect?: (event: InspectionEvent) => void) {
  const parent = notebook(inspect ? { inspect } : {});
  let actor = createActor(chainMachine, { parent, id: 'chain', input }).start();
  const record = (): Snapshot<unknown> => JSON.parse(JSON.stringify(actor.getPersistedSnapshot()));
  const told = () => parent.getSnapshot().context.filter(isNotice);
  return {
    actor: () => actor,
    send: (event: ChainEvent) => {
      actor.send(event);
    },
    record,
    /** Goes on from the record of the actor, as another actor. */
    passivate: () => {
      actor = createActor(chainMachine, { parent, id: 'chain', input, snapshot: record() }).start();
    },
    told,
    /** The tasks that were submitted, in order. */
    tasks: () => told().flatMap((notice) => (notice.type === 'chain.taskSubmitted' ? [notice.input] : [])),
  };
}

function isNotice(event: EventObject): event is ChainNotice {
  return event.type.startsWith('chain.');
}

export interface ChainWalk {
  readonly input: ChainInput;
  readonly path: readonly ChainEvent[];
  /** The chain at the end of the path. */
  readonly chain: ReturnType<typeof chainStage>;
}

const MOST_WALKS = 2_000;

/** Every sequence of events into each state of the chain and its steps, by each event that can come. */
export function chainWalks(
  input: ChainInput,
  eventsFor: (chain: ChainWalk['chain'], path: ChainWalk['path']) => readonly ChainEvent[] = allEvents,
): readonly ChainWalk[] {
  const paths: (readonly ChainEvent[])[] = [[]];
  const walks: ChainWalk[] = [];
  const seen = new Set<string>();
  for (const path of paths) {
    const chain = chainStage(input);
    for (const event of path) chain.send(event);
    walks.push({ input, path, chain });
    if (walks.length > MOST_WALKS) throw new Error('Expected the paths of the chain to have an end.');
    const state = JSON.stringify(chain.record());
    if (seen.has(state)) continue;
    seen.add(state);
    if (chain.actor().getSnapshot().status !== 'active') continue;
    for (const event of eventsFor(chain, path)) paths.push([...path, event]);
  }
  return walks;
}

function allEvents(chain: ChainWalk['chain']): readonly ChainEvent[] {
  const { context } = chain.actor().getSnapshot();
  const ends = context.openTasks.flatMap(({ taskId }) => [
    taskEnded(taskId),
    taskEnded(taskId, FAILED),
    taskEnded(taskId, SHUT_OUT),
  ]);
  const commands = [
    { type: 'chain.start', at: 1 },
    { type: 'chain.cancel', at: 5 },
  ] as const;
  return [...commands, ...ends, taskEnded('task-of-another')];
}
