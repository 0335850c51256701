import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    // On a loaded machine a real process can come late; what passes only at its second run is reported as such.
    retry: process.env['CI'] === undefined ? 0 : 1,
    testTimeout: 60_000,
    hookTimeout: 30_000,
    pool: 'forks',
    maxWorkers: 3,
    // What is built runs as it is: Vite would transform it once more for each run.
    server: { deps: { external: [/\/dist\/(src|machines)\//] } },
    coverage: { include: ['src/**', 'machines/**'] },
  },
});
