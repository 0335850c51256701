import { rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { PoolError } from '../../index.ts';
import type { ClaudeOptions } from '../../index.ts';
import { fakeApi } from '../../testing/fake-api.ts';
import { fakeClaude } from '../../testing/fake-claude.ts';
import { realClaude } from '../../testing/real-claude.ts';
import { scratchHome } from '../../testing/scratch-home.ts';
import type { ScratchHome } from '../../testing/scratch-home.ts';
import { TOUR_FILES, tourScript } from './tour.ts';

/** All that the demo needs beside the pool. Disposing it leaves no file. */
export interface Stage extends AsyncDisposable {
  readonly claude: ClaudeOptions;
  /** Which Claude plays, for the reader. */
  readonly cast: string;
  /** Whether it is the real CLI. */
  readonly isReal: boolean;
  /** The same as disposing, for a process that exits at once. */
  removeFiles(): void;
}

/** The real CLI where it is installed, before a Messages API that plays the tour; else a stand-in that plays it. */
export async function setStage({ isFake }: { readonly isFake: boolean }): Promise<Stage> {
  const real = isFake ? undefined : findReal();
  const api = await fakeApi({ script: tourScript() });
  const home = await scratchHome({ url: api.url });
  await Promise.all(
    Object.entries(TOUR_FILES).map(([name, text]) => writeFile(path.join(home.cwd, name), text)),
  );
  return {
    claude: real === undefined ? standIn(home) : { command: real.command, env: home.env, cwd: home.cwd },
    cast: real === undefined ? 'a stand-in for the Claude CLI' : `the real Claude CLI ${real.version}`,
    isReal: real !== undefined,
    removeFiles: () => rmSync(path.dirname(home.cwd), { recursive: true, force: true, maxRetries: 5 }),
    async [Symbol.asyncDispose]() {
      await api.stop();
      await home[Symbol.asyncDispose]();
    },
  };
}

function findReal(): ReturnType<typeof realClaude> | undefined {
  try {
    return realClaude('newest');
  } catch (error) {
    if (error instanceof PoolError && error.code === 'CLAUDE_NOT_FOUND') return undefined;
    throw error;
  }
}

function standIn({ cwd, env }: ScratchHome): ClaudeOptions {
  const { env: own, ...fake } = fakeClaude({ script: tourScript() });
  return { ...fake, env: { ...own, ...env }, cwd };
}
