import { test } from 'vitest';
import { testDriver } from '../../src/testing/test-driver.ts';
import { fakeStage } from './fake-stage.ts';

for (const version of ['2.1.330', '2.1.197'] as const) {
  testDriver({
    test: test.concurrent,
    name: `fake ${version}`,
    subject: {
      version,
      capabilities: 'cli',
      open: (script, options) => fakeStage({ ...options, script, version }),
    },
  });
}
