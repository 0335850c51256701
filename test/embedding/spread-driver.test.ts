import { expect, test } from 'vitest';
import type { ClaudeDriver } from 'claude-pool';
import { createPool } from 'claude-pool';
import { testDriver } from 'claude-pool/testing';
import { spreadDriver } from '../../docs/examples/spread-driver.ts';
import { fakeStage } from '../contracts/fake-stage.ts';
import { gatedDriver } from '../pool/scripted-driver.ts';

testDriver({
  test: test.concurrent,
  name: 'spread over two accounts',
  subject: {
    version: '2.1.330',
    async open(script, options) {
      const { driver, ...stage } = await fakeStage({ ...options, script, version: '2.1.330' });
      return { ...stage, driver: spreadDriver([driver, driver]) };
    },
  },
});

test('slots are spread evenly over the accounts', async () => {
  const opened: string[] = [];
  const accounts = ['one', 'two'].map((name) => counted(name, opened));
  const [one, two] = accounts;
  if (one === undefined || two === undefined) throw new Error('Expected two accounts.');

  const pool = await createPool({ slots: 4, driver: spreadDriver([one, two]) });
  await pool.drain();

  expect(opened.toSorted()).toEqual(['one', 'one', 'two', 'two']);
});

function counted(name: string, opened: string[]): ClaudeDriver {
  const { driver } = gatedDriver();
  return {
    open(launch, options) {
      opened.push(name);
      return driver.open(launch, options);
    },
  };
}
