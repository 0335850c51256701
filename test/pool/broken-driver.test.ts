import { createPool } from 'claude-pool';
import type { ClaudeDriver, SessionExit } from 'claude-pool';
import { expect, test } from 'vitest';

test('a driver that breaks its promise costs the task an attempt, and is not asked for ever', async () => {
  let runs = 0;
  const driver = brokenDriver(() => {
    runs += 1;
  });
  await using pool = await createPool({ slots: 1, retries: 0, driver });

  const run = pool.run('hello');

  await expect(run).rejects.toMatchObject({
    code: 'TASK_FAILED',
    verdict: 'incomplete',
    report: { spendEstimated: true, stderrTail: 'a bug' },
  });
  expect(runs).toBe(1);
}, 5_000);

function brokenDriver(onRun: () => void): ClaudeDriver {
  return {
    async open() {
      let exit = ignore;
      const exited = new Promise<SessionExit>((resolve) => {
        exit = resolve;
      });
      return {
        pid: undefined,
        version: 'broken',
        sessionId: undefined,
        exited,
        async run() {
          onRun();
          throw new Error('a bug');
        },
        clear: () => Promise.resolve(),
        close: async () => exit({ code: 0, stderrTail: '' }),
      };
    },
  };
}

function ignore(_how: SessionExit): void {}
