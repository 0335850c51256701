import { test } from 'vitest';
import { testDriver } from '../../src/testing/test-driver.ts';
import { realStage } from './real-stage.ts';

testDriver({
  test: test.concurrent,
  name: 'real 2.1.330',
  subject: {
    version: '2.1.330',
    capabilities: 'api',
    open: (script, options) => realStage('newest', { ...options, script }),
  },
});
