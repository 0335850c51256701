export { fakeApi } from './fake-api.ts';
export type { FakeApi, FakeApiOptions } from './fake-api.ts';
export { fakeClaude } from './fake-claude.ts';
export type {
  FakeClaude,
  FakeClaudeCharge,
  FakeClaudeEntry,
  FakeClaudeOptions,
  FakeClaudePrompt,
} from './fake-claude.ts';
export { processesMarked } from './process-table.ts';
export { realClaude } from './real-claude.ts';
export type { RealClaude } from './real-claude.ts';
export { scratchHome } from './scratch-home.ts';
export type { ScratchHome, ScratchHomeOptions } from './scratch-home.ts';
export type { Answer, ApiFault, CliFault, Message, Rule, Script, Usage } from './script.ts';
export { testDriver } from './test-driver.ts';
export type { DriverContract } from './test-driver.ts';
export type { DriverStage, DriverSubject, RegisterTest } from './test-driver-subject.ts';
