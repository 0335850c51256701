import { killUntilGone } from './kill-until-gone.ts';
import { markedProcesses, survivors } from './process-tree.ts';
import type { ProcessIdentity } from './process-tree.ts';

export interface Remains {
  readonly mark: string;
  /** Descendants that were found while their parents lived. */
  readonly known: readonly ProcessIdentity[];
}

/** Kills what a session left behind, and resolves when all of it is gone. */
export async function sweep({ mark, known }: Remains): Promise<void> {
  await killUntilGone(async () => [...(await survivors(known)), ...(await markedProcesses(mark))]);
}
