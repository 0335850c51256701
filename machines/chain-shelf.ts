import { createActor } from 'xstate';
import type { ActorRefFrom, AnyActorRef, Snapshot } from 'xstate';
import { chainMachine } from './chain.ts';
import type { ChainContext, ChainEvent, ChainInput } from './chain-types.ts';
import type { StepTaskOutcome } from './step-types.ts';
import type { TaskContext } from './task-types.ts';
import { failureCodeOf } from './failure-code.ts';
import type { Timestamp } from './types.ts';

export type ChainState = 'pending' | 'running' | 'cancelling' | 'completed' | 'failed' | 'cancelled';

/** What a step that is at work does. */
export type StepState = 'running' | 'retrying' | 'recovering' | 'cancelling';

/** A chain as one sees it from outside. */
export interface ChainView {
  readonly state: ChainState;
  readonly context: ChainContext;
  /** The steps at work, by name. */
  readonly working: Readonly<Record<string, StepState>>;
}

export interface ChainChange {
  readonly chain: ChainView;
  /** Absent for a chain that was just submitted. */
  readonly before?: ChainView;
}

/** A chain that has not ended, as data: what `createActor` restores it from. */
export type ChainRecord = Snapshot<unknown> & { readonly context: ChainContext };

export interface ChainShelf {
  readonly admit: (input: ChainInput) => void;
  readonly tell: (chainId: string, event: ChainEvent) => void;
  readonly view: (chainId: string) => ChainView | undefined;
  readonly views: () => Iterable<ChainView>;
  /** `undefined` for a chain that has ended. */
  readonly record: (chainId: string) => ChainRecord | undefined;
}

export interface ChainShelfOptions {
  /** What the chains talk to. */
  readonly parent: AnyActorRef;
  readonly keepFinished: number;
  readonly observe?: ((change: ChainChange) => void) | undefined;
  readonly restored: readonly ChainRecord[];
}

type ChainRef = ActorRefFrom<typeof chainMachine>;

/** The chains of a pool by id: live until they end, then as they ended, the last `keepFinished` of them. */
export function chainShelf({ parent, keepFinished, observe, restored }: ChainShelfOptions): ChainShelf {
  const chains = new Map<string, ChainRef | ChainView>();
  const finished: string[] = [];
  let ended = 0;

  function retire(chainId: string, view: ChainView): void {
    const index = ended % keepFinished;
    const oldest = finished[index];
    ended += 1;
    finished[index] = chainId;
    chains.set(chainId, view);
    if (oldest !== undefined) chains.delete(oldest);
  }

  function tell(chainId: string, event: ChainEvent): void {
    const ref = chains.get(chainId);
    if (ref === undefined || !isLive(ref)) return;
    const before = viewOf(ref);
    ref.send(event);
    const chain = viewOf(ref);
    if (isOver(chain.state)) retire(chainId, chain);
    observe?.({ chain, before });
  }

  for (const snapshot of restored) {
    const { context } = snapshot;
    const input: ChainInput = { ...context, steps: [] };
    const ref = createActor(chainMachine, { parent, id: 'chain', input, snapshot });
    chains.set(context.id, ref.start());
  }

  return {
    tell,
    admit(input) {
      const ref = createActor(chainMachine, { parent, id: 'chain', input }).start();
      chains.set(input.id, ref);
      observe?.({ chain: viewOf(ref) });
      tell(input.id, { type: 'chain.start', at: input.submittedAt });
    },
    view(chainId) {
      const chain = chains.get(chainId);
      return chain && viewOf(chain);
    },
    record(chainId) {
      const chain = chains.get(chainId);
      return chain !== undefined && isLive(chain) ? (chain.getPersistedSnapshot() as ChainRecord) : undefined;
    },
    *views() {
      for (const chain of chains.values()) yield viewOf(chain);
    },
  };
}

export function isOver(state: ChainState): boolean {
  return state === 'completed' || state === 'failed' || state === 'cancelled';
}

/** What a chain is told of the end of one of its tasks. */
export function outcomeFor(
  { state, context }: { readonly state: string; readonly context: TaskContext },
  at: Timestamp,
): StepTaskOutcome {
  const { report, verdict, reason, spend, spendEstimated, slotId, startedAt } = context;
  const result = report?.evidence.result;
  const message = reason?.message ?? verdict?.reason;
  return {
    status: state === 'completed' ? 'completed' : state === 'cancelled' ? 'cancelled' : 'failed',
    output: result?.text ?? '',
    ...(result?.structuredOutput !== undefined && { structuredOutput: result.structuredOutput }),
    ...(message !== undefined && { error: { code: reason?.code ?? failureCodeOf(verdict?.name), message } }),
    ...(verdict !== undefined && { verdict: verdict.name }),
    spend,
    spendEstimated,
    ...(report?.sessionId !== undefined && { sessionId: report.sessionId }),
    ...(slotId !== undefined && { slotId }),
    ...(startedAt !== undefined && { startedAt }),
    endedAt: context.endedAt ?? at,
  };
}

function isLive(chain: ChainRef | ChainView): chain is ChainRef {
  return 'getSnapshot' in chain;
}

function viewOf(chain: ChainRef | ChainView): ChainView {
  if (!isLive(chain)) return chain;
  const { value, context, children } = chain.getSnapshot();
  const state = typeof value === 'string' ? value : value.running === 'cancelling' ? 'cancelling' : 'running';
  const working = Object.values(children).flatMap((step) => {
    const snapshot = step?.getSnapshot();
    return snapshot?.status === 'active' ? [[snapshot.context.step.name, snapshot.value]] : [];
  });
  return { state, context, working: Object.fromEntries(working) };
}
