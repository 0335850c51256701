import { deferred } from '../../src/claude/deferred.ts';
import type { Deferred } from '../../src/claude/deferred.ts';
import type { ClaudeDriver } from '../../src/ports.ts';

/** Real sessions whose turns end for the pool when the test lets them. */
export interface GatedClaude {
  readonly driver: ClaudeDriver;
  /** Resolves when Claude is through with the turn of a task. */
  arrived(taskId: string): Promise<void>;
  /** Lets the pool know how the turn ended, now or as soon as it has. */
  open(taskId: string): void;
}

interface Gate {
  readonly arrival: Deferred<void>;
  readonly passage: Deferred<void>;
}

export function gatedClaude(driver: ClaudeDriver): GatedClaude {
  const gates = new Map<string, Gate>();

  function gateOf(taskId: string): Gate {
    const gate = gates.get(taskId) ?? { arrival: deferred<void>(), passage: deferred<void>() };
    gates.set(taskId, gate);
    return gate;
  }

  return {
    arrived: (taskId) => gateOf(taskId).arrival.promise,
    open: (taskId) => gateOf(taskId).passage.resolve(),
    driver: {
      ...driver,
      async open(launch, options) {
        const session = await driver.open(launch, options);
        const run = session.run.bind(session);
        let passed = Promise.resolve();
        return Object.assign(session, {
          exited: session.exited.then((exit) => passed.then(() => exit)),
          async run(...[turn, hooks]: Parameters<typeof run>) {
            const taskId = turn.attempt?.taskId ?? '';
            const { arrival, passage } = gateOf(taskId);
            passed = passage.promise;
            const report = await run(turn, hooks);
            arrival.resolve();
            await passed;
            gates.delete(taskId);
            return report;
          },
        });
      },
    },
  };
}
