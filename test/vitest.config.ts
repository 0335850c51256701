import { BaseSequencer } from 'vitest/node';
import type { TestSpecification } from 'vitest/node';
import { configDefaults, defineConfig } from 'vitest/config';

/** Tests without a process and without state of a module: they share their workers, and what these have loaded. */
const PURE = [
  'test/machines/*.test.ts',
  'test/adapters/{skill-*,claude-launch,claude-spend,claude-turn}.test.ts',
];

/** What takes longest. A folder or file that stands earlier is begun earlier: begun last, one would run on alone. */
const LONGEST = [
  'contracts/driver-',
  'conformance/',
  'pool/worktrees',
  'pool/durable',
  'faces/demo',
  'docs/examples',
  'adapters/workspace-',
  'faces/',
  'pool/',
];

export default defineConfig({
  test: {
    // On a loaded machine a real process can come late; what passes only at its second run is reported as such.
    retry: process.env['CI'] === undefined ? 0 : 1,
    testTimeout: 60_000,
    hookTimeout: 30_000,
    pool: 'forks',
    maxWorkers: 3,
    sequence: { sequencer: sequencerOf(LONGEST) },
    // What is built runs as it is: Vite would transform it once more for each run.
    server: { deps: { external: [/\/dist\/(src|machines)\//] } },
    coverage: { include: ['src/**', 'machines/**'] },
    projects: [
      {
        extends: true,
        test: { name: 'real', include: ['test/**/*.test.ts'], exclude: [...configDefaults.exclude, ...PURE] },
      },
      { extends: true, test: { name: 'pure', include: PURE, isolate: false } },
    ],
  },
});

function sequencerOf(longest: readonly string[]): typeof BaseSequencer {
  const rank = ({ moduleId, project }: TestSpecification): number => {
    if (!project.config.isolate) return longest.length + 1;
    const at = longest.findIndex((part) => moduleId.includes(`/test/${part}`));
    return at === -1 ? longest.length : at;
  };
  return class extends BaseSequencer {
    override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
      return files.toSorted((one, other) => rank(one) - rank(other));
    }
  };
}
