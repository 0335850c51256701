export { fakeApi } from './fake-api.ts';
export type { FakeApi, FakeApiOptions } from './fake-api.ts';
export type { RecordedRequest } from './fake-api-records.ts';
export { fakeClaude } from './fake-claude.ts';
export type {
  FakeClaude,
  FakeClaudeCharge,
  FakeClaudeEntry,
  FakeClaudeOptions,
  FakeClaudePrompt,
} from './fake-claude.ts';
export type { FakeAccount, FakeVersion } from './fake-claude-version.ts';
export { checkInvariants } from './model/check-invariants.ts';
export type { CheckOptions } from './model/check-invariants.ts';
export { coverage } from './model/coverage.ts';
export type { Coverage } from './model/coverage.ts';
export type { EventHistory } from './model/invariants/event-history.ts';
export type { WatchedEvent, WatchedPool, WatchedStatus } from './model/invariants/watched-pool.ts';
export { paths } from './model/paths.ts';
export type { PathsOptions, SystemEvent } from './model/paths.ts';
export { silent } from './model/silent.ts';
export { simulatedClock } from './model/simulated-clock.ts';
export { stage } from './model/stage.ts';
export type { Stage, StageOptions } from './model/stage.ts';
export { watchInvariants } from './model/watch-invariants.ts';
export type { InvariantWatch } from './model/watch-invariants.ts';
export { processesMarked } from './process-table.ts';
export { realClaude } from './real-claude.ts';
export type { RealClaude } from './real-claude.ts';
export { scratchHome } from './scratch-home.ts';
export type { ScratchHome, ScratchHomeOptions } from './scratch-home.ts';
export type { Answer, ApiFault, CliFault, Message, Rule, Script, Usage } from './script.ts';
export { testDriver } from './test-driver.ts';
export type { DriverContract } from './test-driver.ts';
export type { DriverStage, DriverStageOptions, DriverSubject, RegisterTest } from './test-driver-subject.ts';
