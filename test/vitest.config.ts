import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    // On a loaded machine a real process can come late; what passes only at its second run is reported as such.
    retry: process.env['CI'] === undefined ? 0 : 1,
    testTimeout: 60_000,
    hookTimeout: 30_000,
    pool: 'forks',
    maxWorkers: 3,
    coverage: { include: ['src/**', 'machines/**'] },
  },
});
