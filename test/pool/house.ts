import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { openHistory } from 'claude-pool';
import type { PoolEvent, PoolOptions } from 'claude-pool';
import { fakeClaude, processesMarked } from 'claude-pool/testing';
import type { FakeClaudeEntry, Script } from 'claude-pool/testing';

/** Where pools live one after the other. */
export interface House {
  readonly stateDir: string;
  /** The options of every pool in it: its folder, and fake Claudes that write down what they hear. */
  readonly options: PoolOptions;
  /** What the fake Claudes have heard and were charged for, in order. */
  journal(): readonly FakeClaudeEntry[];
  /** All events that are kept, also when no pool runs. */
  events(): Promise<readonly PoolEvent[]>;
  /** Ids of the living processes of fake Claudes. */
  processes(): Promise<readonly number[]>;
}

/** The house in a folder. */
export function houseIn(home: string, script: Script, options: PoolOptions = {}): House {
  const journal = path.join(home, 'journal.jsonl');
  const mark = randomUUID();
  const { env, ...claude } = fakeClaude({ script, counters: path.join(home, 'counters'), journal });
  const stateDir = path.join(home, 'state');
  return {
    stateDir,
    options: {
      stateDir,
      skills: { project: false, global: false },
      ...options,
      claude: { ...claude, cwd: home, env: { ...env, CLAUDE_CONFIG_DIR: home, POOL_TEST: mark } },
    },
    journal: () => entriesIn(journal),
    async events() {
      await using history = await openHistory({ stateDir });
      return await history.events({ limit: 1_000_000 });
    },
    processes: () => processesMarked(`POOL_TEST=${mark}`),
  };
}

function entriesIn(journal: string): readonly FakeClaudeEntry[] {
  if (!existsSync(journal)) return [];
  const lines = readFileSync(journal, 'utf8').split('\n');
  return lines.filter((line) => line !== '').map((line): FakeClaudeEntry => JSON.parse(line));
}
