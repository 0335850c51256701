import { randomUUID } from 'node:crypto';
import { isOver } from '../machines/chain-shelf.ts';
import type { ChainView } from '../machines/chain-shelf.ts';
import type { DirectoryContext } from '../machines/directory.ts';
import { abortable } from './abortable.ts';
import type { Abortable, ChainInfo, ChainOptions, ChainSource, Pool } from './api.ts';
import { chainInfoOf } from './chain-info.ts';
import { instantiateChain } from './chains/instantiate-chain.ts';
import { parseChain } from './chains/parse-chain.ts';
import { PoolError } from './errors.ts';
import type { FacadeParts } from './facade-parts.ts';
import { assertOpen } from './open-pool.ts';
import { parseTask } from './options.ts';
import { skillsOfChain } from './skill-desk.ts';

type ChainDesk = Pick<
  Pool,
  'submitChain' | 'runChain' | 'fanOutChains' | 'chainResult' | 'waitChain' | 'chains' | 'cancelChain'
>;

/** The methods for chains. */
export function chainDesk(
  { actor, output, book, chainsWaiting, skills, now, taskDefaults, nextSeq }: FacadeParts,
  { chains }: DirectoryContext,
): ChainDesk {
  function find(chainId: string): ChainView {
    const chain = chains.view(chainId);
    if (chain !== undefined) return chain;
    const message = `Expected the id of a chain of this pool, got \`${chainId}\`. Chains that ended long ago are dropped (\`keepFinished\`).`;
    throw new PoolError('CHAIN_NOT_FOUND', message);
  }

  function infoOf(chain: ChainView): ChainInfo {
    return chainInfoOf(chain, (taskId) => output.textOf(taskId));
  }

  async function submit(
    source: ChainSource,
    { signal, ...options }: ChainOptions & Abortable,
  ): Promise<string> {
    const { arguments: args, ...overrides } = options;
    const draft = parseChain(source, overrides);
    const compileSkill = await skillsOfChain(draft, { skills, signal });
    const { steps, options: settings } = instantiateChain(draft, {
      compileSkill,
      parseOptions: (given) => parseTask('A step.', given, taskDefaults).options,
      ...(args !== undefined && { arguments: args }),
    });
    signal?.throwIfAborted();
    assertOpen(actor.getSnapshot());
    const id = ['chain', randomUUID()].join('-');
    const at = now();
    const input = { id, seq: nextSeq(), steps, options: settings, submittedAt: at };
    actor.send({ type: 'chain.submit', input, at });
    await book.flushed();
    return id;
  }

  async function ended(
    chainId: string,
    options: { readonly signal?: AbortSignal; readonly timeoutMs?: number } = {},
  ): Promise<ChainInfo> {
    const chain = find(chainId);
    if (!isOver(chain.state)) return infoOf(await chainsWaiting.ended(chainId, options));
    await abortable(book.flushed(), options.signal);
    return infoOf(chain);
  }

  function cancel(chainId: string): void {
    actor.send({ type: 'chain.cancel', chainId, at: now() });
  }

  /** Waits for a chain that the caller owns: when he aborts, it is cancelled. */
  async function run(
    source: ChainSource,
    { signal, ...options }: ChainOptions & Abortable,
  ): Promise<ChainInfo> {
    const id = await submit(source, { ...options, ...(signal && { signal }) });
    const abort = (): void => cancel(id);
    if (signal?.aborted === true) abort();
    signal?.addEventListener('abort', abort, { once: true });
    return ended(id).finally(() => signal?.removeEventListener('abort', abort));
  }

  return {
    submitChain: (source, options = {}) => submit(source, options),
    runChain: (source, options = {}) => run(source, options),
    fanOutChains: (sources, options = {}) => Promise.all(sources.map((source) => run(source, options))),
    chainResult: (chainId) => infoOf(find(chainId)),
    waitChain: ended,
    chains: ({ state, limit = 100 } = {}) => {
      const found: ChainInfo[] = [];
      for (const chain of chains.views()) {
        if (found.length >= limit) break;
        if (state === undefined || chain.state === state) found.push(infoOf(chain));
      }
      return found;
    },
    async cancelChain(chainId, { signal } = {}) {
      find(chainId);
      cancel(chainId);
      return ended(chainId, signal === undefined ? {} : { signal });
    },
  };
}
