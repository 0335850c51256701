import path from 'node:path';
import type { ConfigPlace } from '../config/load-config.ts';
import { checkClaude } from './check-claude.ts';
import { checkConfig } from './check-config.ts';
import { checkGit } from './check-git.ts';
import { checkMemory } from './check-memory.ts';
import { checkNode } from './check-node.ts';
import { checkProcesses } from './check-processes.ts';
import { checkState } from './check-state.ts';
import type { Diagnosis } from './diagnosis.ts';

const SLOTS = 2;

/**
 * Looks at all that a pool in a folder rests on: versions, login, git, memory, configuration, its state, and what dead
 * pools have left. It changes nothing and reads no secret; Claude is started once, and asked nothing that is billed.
 *
 * @example
 * const diagnoses = await diagnose({ folder: '.' });
 * for (const { status, message, remedy } of diagnoses) console.log(status, message, remedy);
 */
export async function diagnose({
  signal = new AbortController().signal,
  ...where
}: ConfigPlace & { readonly signal?: AbortSignal }): Promise<readonly Diagnosis[]> {
  const { loaded, findings } = await checkConfig(where);
  const { config, root } = loaded;
  const { folder } = where;
  const { slots = SLOTS, maxSlots, autoscale } = config;
  const most = autoscale?.max ?? maxSlots ?? (typeof slots === 'number' ? slots : slots.length);
  const place = { config, folder };
  const [claude, git, state, processes] = await Promise.all([
    checkClaude(place, signal),
    checkGit(place, signal),
    checkState(config.stateDir ?? path.join(root, '.claude-pool', 'state')),
    checkProcesses(),
  ]);
  return [checkNode(), ...claude, ...git, checkMemory(most), ...findings, state, processes];
}
