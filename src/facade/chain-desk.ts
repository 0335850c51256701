import { randomUUID } from 'node:crypto';
import { isOver } from '../../machines/chain-shelf.ts';
import type { ChainView } from '../../machines/chain-shelf.ts';
import type { ChainInput } from '../../machines/chain-types.ts';
import type { DirectoryContext } from '../../machines/directory-types.ts';
import { abortable } from '../abortable.ts';
import type { Abortable, ChainInfo, ChainOptions, ChainSource, Pool } from '../api.ts';
import { chainInfoOf } from '../views/chain-info.ts';
import { instantiateChain } from '../chains/instantiate-chain.ts';
import { parseChain } from '../chains/parse-chain.ts';
import { PoolError } from '../errors.ts';
import type { FacadeParts } from './facade-parts.ts';
import { assertAlive, assertStarts } from './open-pool.ts';
import { parseTask, parseTimeout } from '../options.ts';
import { lifecycleOf } from '../views/pool-status.ts';
import { skillsOfChain } from './skill-desk.ts';

type ChainDesk = Pick<
  Pool,
  'submitChain' | 'runChain' | 'fanOutChains' | 'chainResult' | 'waitChain' | 'chains' | 'cancelChain'
>;

type ChainPlan = Pick<ChainInput, 'steps' | 'options'>;

/** The methods for chains. */
export function chainDesk(
  { actor, output, book, archive, chainsWaiting, skills, now, taskDefaults, nextSeq }: FacadeParts,
  { chains }: DirectoryContext,
): ChainDesk {
  /** Also a chain that ended long ago, or in an earlier life of the pool. */
  function find(chainId: string): ChainView {
    const isOpen = lifecycleOf(actor.getSnapshot()) !== 'drained';
    const chain = chains.view(chainId) ?? (isOpen ? archive?.chain(chainId)?.data.view : undefined);
    if (chain !== undefined) return chain;
    const message = `Expected the id of a chain of this pool, got \`${chainId}\`. Chains that ended long ago are dropped (\`keepFinished\`).`;
    throw new PoolError('CHAIN_NOT_FOUND', message);
  }

  function infoOf(chain: ChainView): ChainInfo {
    return chainInfoOf(chain, (taskId) => output.textOf(taskId));
  }

  async function compile(
    source: ChainSource,
    { signal, arguments: args, ...overrides }: ChainOptions & Abortable,
  ): Promise<ChainPlan> {
    const draft = parseChain(source, overrides);
    const compileSkill = await skillsOfChain(draft, { skills, signal });
    return instantiateChain(draft, {
      compileSkill,
      parseOptions: (given) => parseTask('A step.', given, taskDefaults).options,
      ...(args !== undefined && { arguments: args }),
    });
  }

  /** Nothing is started before all are known to be good. */
  async function submit(
    sources: readonly ChainSource[],
    options: ChainOptions & Abortable,
  ): Promise<readonly string[]> {
    const places = sources.map(nextSeq);
    const plans = await Promise.all(sources.map((source) => compile(source, options)));
    options.signal?.throwIfAborted();
    assertStarts(actor.getSnapshot());
    const chainIds = plans.map((plan, index) => admit(plan, places[index] ?? nextSeq()));
    await book.flushed();
    return chainIds;
  }

  function admit(plan: ChainPlan, seq: number): string {
    const id = ['chain', randomUUID()].join('-');
    const at = now();
    actor.send({ type: 'chain.submit', input: { id, seq, ...plan, submittedAt: at }, at });
    return id;
  }

  async function ended(
    chainId: string,
    options: { readonly signal?: AbortSignal; readonly timeoutMs?: number } = {},
  ): Promise<ChainInfo> {
    const chain = find(chainId);
    if (!isOver(chain.state)) {
      assertAlive(actor.getSnapshot());
      return infoOf(await chainsWaiting.ended(chainId, options));
    }
    await abortable(book.flushed(), options.signal);
    return infoOf(chain);
  }

  function cancel(chainId: string): void {
    const chain = chains.view(chainId);
    if (chain === undefined || isOver(chain.state)) return;
    assertAlive(actor.getSnapshot());
    actor.send({ type: 'chain.cancel', chainId, at: now() });
  }

  /** The caller owns the chains that he waits for: when he aborts, they are cancelled. */
  async function owned<Ends>(
    chainIds: readonly string[],
    signal: AbortSignal | undefined,
    ends: () => Promise<Ends>,
  ): Promise<Ends> {
    const abort = (): void => chainIds.forEach(cancel);
    if (signal?.aborted === true) abort();
    signal?.addEventListener('abort', abort, { once: true });
    return ends().finally(() => signal?.removeEventListener('abort', abort));
  }

  return {
    async submitChain(source, options = {}) {
      const [chainId = ''] = await submit([source], options);
      return chainId;
    },
    async runChain(source, options = {}) {
      const [chainId = ''] = await submit([source], options);
      return owned([chainId], options.signal, () => ended(chainId));
    },
    async fanOutChains(sources, options = {}) {
      const chainIds = await submit(sources, options);
      return owned(chainIds, options.signal, () => Promise.all(chainIds.map((chainId) => ended(chainId))));
    },
    chainResult: (chainId) => infoOf(find(chainId)),
    async waitChain(chainId, { timeoutMs, ...options } = {}) {
      const limit = parseTimeout(timeoutMs);
      return ended(chainId, limit === undefined ? options : { ...options, timeoutMs: limit });
    },
    chains: ({ state, limit = 100 } = {}) => {
      const found: ChainInfo[] = [];
      for (const chain of chains.views()) {
        if (found.length >= limit) break;
        if (state === undefined || chain.state === state) found.push(infoOf(chain));
      }
      return found;
    },
    async cancelChain(chainId, { signal } = {}) {
      cancel(chainId);
      return ended(chainId, signal === undefined ? {} : { signal });
    },
  };
}
