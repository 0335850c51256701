import { randomUUID } from 'node:crypto';
import { isOver } from '../../machines/chain-shelf.ts';
import type { ChainView } from '../../machines/chain-shelf.ts';
import type { ChainInput } from '../../machines/chain-types.ts';
import { abortable } from '../abortable.ts';
import type { Abortable, ChainInfo, ChainOptions, ChainSource, Pool } from '../api.ts';
import { chainInfoOf } from '../views/chain-info.ts';
import { instantiateChain } from '../chains/instantiate-chain.ts';
import { parseChain } from '../chains/parse-chain.ts';
import { directoryOf } from '../directory-of.ts';
import { PoolError } from '../errors.ts';
import { parseChainFilter } from '../options/filters.ts';
import type { FacadeParts } from './facade-parts.ts';
import { assertAlive, assertStarts } from './assert-open.ts';
import { parseTimeout } from '../options/call-arguments.ts';
import { parseTask } from '../options/parse-task.ts';
import { lifecycleOf } from '../views/pool-status.ts';
import { owned } from './owned.ts';
import { skillsOfChain } from './skill-desk.ts';
import type { WaitOptions } from '../waiters.ts';

type ChainDesk = Pick<
  Pool,
  'submitChain' | 'runChain' | 'fanOutChains' | 'chainResult' | 'waitChain' | 'chains' | 'cancelChain'
>;

type ChainPlan = Pick<ChainInput, 'steps' | 'options'>;

/** The methods for chains. */
export function chainDesk({
  actor,
  output,
  book,
  archive,
  waiting,
  skills,
  now,
  taskDefaults,
  nextSeq,
}: FacadeParts): ChainDesk {
  const { chains } = directoryOf(actor);

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

  async function ended(chainId: string, options: WaitOptions = {}): Promise<ChainInfo> {
    const chain = find(chainId);
    if (!isOver(chain.state)) {
      assertAlive(actor.getSnapshot());
      return infoOf(await waiting.chains.ended(chainId, options));
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

  return {
    async submitChain(source, options = {}) {
      const [chainId = ''] = await submit([source], options);
      return chainId;
    },
    async runChain(source, options = {}) {
      const [chainId = ''] = await submit([source], options);
      return owned(() => ended(chainId), { cancel: () => cancel(chainId), signal: options.signal });
    },
    async fanOutChains(sources, options = {}) {
      const chainIds = await submit(sources, options);
      return owned(() => Promise.all(chainIds.map((chainId) => ended(chainId))), {
        cancel: () => chainIds.forEach(cancel),
        signal: options.signal,
      });
    },
    chainResult: (chainId) => infoOf(find(chainId)),
    waitChain: async (chainId, { timeoutMs, signal } = {}) =>
      ended(chainId, { timeoutMs: parseTimeout(timeoutMs), signal }),
    chains(filter = {}) {
      const { state, limit = 100 } = parseChainFilter(filter);
      const found: ChainInfo[] = [];
      for (const chain of chains.views()) {
        if (found.length >= limit) break;
        if (state === undefined || chain.state === state) found.push(infoOf(chain));
      }
      return found;
    },
    async cancelChain(chainId, { signal } = {}) {
      cancel(chainId);
      return ended(chainId, { signal });
    },
  };
}
