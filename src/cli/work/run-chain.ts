import { loadChain, parseChainFile } from '../../index.ts';
import type { ChainDraft, TaskOptions } from '../../index.ts';
import { openDesk } from '../desk/open-desk.ts';
import { poolOptionsOf } from '../pool-options-of.ts';
import type { ChainFlags } from './chain-command.ts';
import { doWork } from './do-work.ts';
import { manyTasks } from './many-tasks.ts';
import { readStdin } from './read-stdin.ts';
import { taskOptionsOf } from './task-options-of.ts';

/** `claude-pool chain`. Resolves with the exit code. */
export function runChain(file: string, flags: ChainFlags): Promise<number> {
  return doWork(flags, async (signal) => {
    const draft =
      file === '-'
        ? parseChainFile(await readStdin(signal), { path: 'stdin' })
        : await loadChain(file, { signal });
    return {
      open: () => openDesk(flags, poolOptionsOf(flags), signal),
      ...manyTasks(flags),
      async submit({ desk, isShared }) {
        // What steps continue is for the chain to say.
        const { maxBudgetUsd, session: _session, ...options } = isShared ? taskOptionsOf(flags) : {};
        const id = await desk.submitChain({
          source: withOptions(draft, options),
          options: {
            ...(flags.arg && { arguments: flags.arg }),
            ...(maxBudgetUsd !== undefined && { maxBudgetUsd }),
          },
          signal,
        });
        return [id];
      },
    };
  });
}

/** The chain with options for the steps that do not set them. */
function withOptions(draft: ChainDraft, options: TaskOptions): ChainDraft {
  if (Object.keys(options).length === 0) return draft;
  const filled = <Step extends { readonly options?: object | undefined }>(step: Step): Step => ({
    ...step,
    options: { ...options, ...step.options },
  });
  const steps = draft.steps.map((part) =>
    'parallel' in part ? { parallel: part.parallel.map(filled) } : filled(part),
  );
  return { ...draft, steps };
}
