import { createActor } from 'xstate';
import type { ActorRefFrom, AnyActorScope, Snapshot, SnapshotFrom } from 'xstate';
import { chainMachine } from './chain.ts';
import type { ChainContext, ChainEvent, ChainInput } from './chain-types.ts';
import type { stepMachine } from './step.ts';
import type { StepContext, StepTaskOutcome } from './step-types.ts';
import type { TaskContext } from './task-types.ts';
import { failureCodeOf } from './failure-code.ts';
import type { Timestamp } from './types.ts';

/** Where a chain is in its life. `completed`, `failed` and `cancelled` never change. */
export type ChainState = 'pending' | 'running' | 'cancelling' | 'completed' | 'failed' | 'cancelled';

/** What a step that is at work does. */
export type StepState = 'running' | 'retrying' | 'recovering' | 'cancelling';

/** A chain as one sees it from outside. */
export interface ChainView {
  readonly state: ChainState;
  readonly context: ChainContext;
  /** The steps at work. */
  readonly working: readonly WorkingStep[];
}

export interface WorkingStep {
  readonly state: StepState;
  readonly context: StepContext;
}

/** A chain that has just changed, and what it was before. */
export interface ChainChange {
  readonly chain: ChainView;
  /** Absent for a chain that was just submitted. */
  readonly before?: ChainView;
}

/** A chain that has not ended, as data: what `createActor` restores it from. */
export type ChainRecord = Snapshot<unknown> & {
  readonly value: SnapshotFrom<typeof chainMachine>['value'];
  readonly context: ChainContext;
  readonly children: Readonly<Record<string, { readonly snapshot: StepSnapshot }>>;
};

type StepSnapshot = Pick<SnapshotFrom<typeof stepMachine>, 'status' | 'value' | 'context'>;

export interface ChainShelf {
  readonly admit: (input: ChainInput, scope: AnyActorScope) => void;
  readonly tell: (chainId: string, event: ChainEvent, scope: AnyActorScope) => void;
  readonly view: (chainId: string) => ChainView | undefined;
  readonly views: () => Iterable<ChainView>;
  /** `undefined` for a chain that has ended. */
  readonly record: (chainId: string) => ChainRecord | undefined;
}

export interface ChainShelfOptions {
  /** Chains that stay live; the others are kept as their records between their events. */
  readonly liveChains: number;
  readonly keepFinished: number;
  readonly observe?: ((change: ChainChange) => void) | undefined;
  readonly restored: readonly ChainRecord[];
}

type ChainRef = ActorRefFrom<typeof chainMachine>;

/** The chains of a pool by id: live or passivated until they end, then as they ended, the last `keepFinished` of them. */
export function chainShelf({ liveChains, keepFinished, observe, restored }: ChainShelfOptions): ChainShelf {
  const chains = new Map<string, ChainRef | ChainRecord | ChainView>(
    restored.map((record) => [record.context.id, record]),
  );
  const finished: string[] = [];
  let ended = 0;
  let live = 0;

  function retire(chainId: string, view: ChainView): void {
    const index = ended % keepFinished;
    const oldest = finished[index];
    ended += 1;
    finished[index] = chainId;
    chains.set(chainId, view);
    if (oldest !== undefined) chains.delete(oldest);
  }

  function activated(chainId: string, { self: parent }: AnyActorScope): ChainRef | undefined {
    const chain = chains.get(chainId);
    if (chain === undefined || isLive(chain)) return chain;
    if (!isRecord(chain)) return undefined;
    const input: ChainInput = { ...chain.context, steps: [] };
    live += 1;
    return createActor(chainMachine, { parent, id: 'chain', input, snapshot: chain }).start();
  }

  function tell(chainId: string, event: ChainEvent, scope: AnyActorScope): void {
    const ref = activated(chainId, scope);
    if (ref === undefined) return;
    const before = viewOf(ref);
    ref.send(event);
    const chain = viewOf(ref);
    place({ chain, ref }, scope);
    observe?.({ chain, before });
  }

  function place({ chain, ref }: { chain: ChainView; ref: ChainRef }, scope: AnyActorScope): void {
    const { id } = chain.context;
    if (isOver(chain.state)) {
      live -= 1;
      retire(id, chain);
    } else if (live > liveChains) {
      live -= 1;
      chains.set(id, recordOf(ref));
      scope.stopChild(ref);
    } else {
      chains.set(id, ref);
    }
  }

  return {
    tell,
    admit(input, scope) {
      const ref = createActor(chainMachine, { parent: scope.self, id: 'chain', input }).start();
      live += 1;
      chains.set(input.id, ref);
      observe?.({ chain: viewOf(ref) });
      tell(input.id, { type: 'chain.start', at: input.submittedAt }, scope);
    },
    view(chainId) {
      const chain = chains.get(chainId);
      return chain && viewOf(chain);
    },
    record(chainId) {
      const chain = chains.get(chainId);
      if (chain === undefined || isLive(chain)) return chain && recordOf(chain);
      return isRecord(chain) ? chain : undefined;
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

function isLive(chain: ChainRef | ChainRecord | ChainView): chain is ChainRef {
  return 'getSnapshot' in chain;
}

function recordOf(chain: ChainRef): ChainRecord {
  return chain.getPersistedSnapshot() as ChainRecord;
}

function isRecord(chain: ChainRecord | ChainView): chain is ChainRecord {
  return 'value' in chain;
}

function viewOf(chain: ChainRef | ChainRecord | ChainView): ChainView {
  if (isLive(chain)) return viewOfSteps(chain.getSnapshot(), stepsOf(chain));
  if (!isRecord(chain)) return chain;
  const steps = Object.values(chain.children).map(({ snapshot }) => snapshot);
  return viewOfSteps(chain, steps);
}

function stepsOf(chain: ChainRef): readonly StepSnapshot[] {
  return Object.values(chain.getSnapshot().children).flatMap((step) => step?.getSnapshot() ?? []);
}

function viewOfSteps(
  { value, context }: Pick<ChainRecord, 'value' | 'context'>,
  steps: readonly StepSnapshot[],
): ChainView {
  const state = typeof value === 'string' ? value : value.running === 'cancelling' ? 'cancelling' : 'running';
  const working = steps
    .filter(({ status }) => status === 'active')
    .map((step) => ({ state: step.value as StepState, context: step.context }));
  return { state, context, working };
}
