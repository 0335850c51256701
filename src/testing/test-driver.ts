import { apiCases } from './test-driver-api.ts';
import { examinationCases } from './test-driver-examinations.ts';
import { faultCases } from './test-driver-faults.ts';
import { interruptionCases } from './test-driver-interruptions.ts';
import { sessionCases } from './test-driver-sessions.ts';
import { spendCases } from './test-driver-spend.ts';
import type { DriverSubject, RegisterTest } from './test-driver-subject.ts';
import { turnCases } from './test-driver-turns.ts';

const cases = [
  ...turnCases,
  ...spendCases,
  ...apiCases,
  ...interruptionCases,
  ...sessionCases,
  ...examinationCases,
  ...faultCases,
];

/** Whose driver keeps the contract, and how its tests are registered. */
export interface DriverContract {
  readonly test: RegisterTest;
  /** Stands before each title. */
  readonly name: string;
  readonly subject: DriverSubject;
}

/**
 * Registers the contract of `ClaudeDriver`: what every driver keeps, whatever Claude is behind it. Linux only.
 *
 * @example
 * testDriver({ test, name: 'my driver', subject: { version: '2.1.330', capabilities: 'cli', open } });
 */
export function testDriver({ test, name, subject }: DriverContract): void {
  for (const { title, needs, run, timeoutMs = 30_000 } of cases) {
    if (needs === 'cli' && subject.capabilities !== 'cli') continue;
    test(`${name}: ${title}`, () => run(subject), timeoutMs);
  }
}
