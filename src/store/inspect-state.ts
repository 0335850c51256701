import { existsSync } from 'node:fs';
import { connect } from './connection.ts';
import type { Formats } from './format.ts';
import { openReadOnly } from './open-read-only.ts';
import { lockOwner } from './pool-lock.ts';
import type { Payloads } from './port.ts';
import { stateFolder } from './state-folder.ts';

/** How a pool's folder is. */
export interface StateReport {
  /** Who works on it, in words. */
  readonly owner: string | undefined;
  /** How many records cannot be read. */
  readonly problems: number;
  /** What is wrong with the file itself. */
  readonly damages: readonly string[];
}

/** Looks at a pool's folder, also while the pool works on it. Throws `STORE` when there is no store. */
export async function inspectState<Kept extends Payloads>({
  stateDir,
  formats,
}: {
  readonly stateDir: string;
  readonly formats: Formats<Kept>;
}): Promise<StateReport> {
  const folder = stateFolder(stateDir);
  const store = openReadOnly({ stateDir, formats });
  try {
    await store.load();
    const problems = (await store.problems()).length;
    return {
      owner: existsSync(folder.lock) ? lockOwner(folder, connect) : undefined,
      problems,
      damages: await store.integrity(),
    };
  } finally {
    await store.close();
  }
}
