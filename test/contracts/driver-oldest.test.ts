import { test } from 'vitest';
import { testDriver } from '../../src/testing/test-driver.ts';
import { realStage } from './real-stage.ts';

testDriver({
  test: test.concurrent,
  name: 'real 2.1.197',
  subject: {
    version: '2.1.197',
    capabilities: 'api',
    open: (script, options) => realStage('oldest', { ...options, script }),
  },
});
