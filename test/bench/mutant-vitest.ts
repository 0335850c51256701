/** As much of `vitest` as the suites of the machines use, in this process: a runner of its own would take most of the time. */
import {
  ASYMMETRIC_MATCHERS_OBJECT,
  chai,
  getState,
  JestAsymmetricMatchers,
  JestChaiExpect,
  JestExtend,
  setState,
} from '@vitest/expect';

type Run = (...values: readonly never[]) => unknown;

interface Test {
  readonly title: string;
  readonly run: () => unknown;
}

declare global {
  // oxlint-disable-next-line no-var
  var mutantTests: Test[];
}

chai.use(JestExtend);
chai.use(JestChaiExpect);
chai.use(JestAsymmetricMatchers);

export const expect = Object.assign(
  (value: unknown, message?: string) => chai.expect(value, message),
  chai.expect,
  (globalThis as unknown as Record<symbol, object>)[ASYMMETRIC_MATCHERS_OBJECT],
);
setState({ ...getState(expect as never), assertionCalls: 0 }, expect as never);

export const test = Object.assign(
  (title: string, run: Run) => {
    globalThis.mutantTests.push({ title, run });
  },
  {
    each: (rows: readonly unknown[]) => (title: string, run: Run) => {
      for (const row of rows) {
        const values = Array.isArray(row) ? row : [row];
        globalThis.mutantTests.push({ title, run: () => run(...(values as never[])) });
      }
    },
  },
);
