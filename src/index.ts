export { createPool } from './pool.ts';
export { alarmActor } from './actors/alarm.ts';
export { sessionActor } from './actors/session.ts';
export type { SendingAttempt, SessionGround } from './actors/session.ts';
export type {
  Abortable,
  ApproveOptions,
  AutoscaleOptions,
  ChainFilter,
  ChainInfo,
  ChainOptions,
  ChainSource,
  ChainStepInfo,
  ClaudeSettings,
  DrainOptions,
  DrainSummary,
  HistoryOptions,
  Pool,
  PoolOptions,
  PoolStatus,
  PoolWorkspaces,
  ReviewOptions,
  SkillOptions,
  SlotFilter,
  SlotOptions,
  SlotStatus,
  TaskFilter,
  TaskInfo,
  TaskOptions,
  TaskOutcome,
  TaskRequest,
  TaskResult,
} from './api.ts';
export { openHistory } from './history/open-history.ts';
export type { History } from './history/open-history.ts';
export type { StoreProblem } from './store/port.ts';
export type { PoolCost, SlotCost } from './history/pool-cost.ts';
export { replay } from './history/replay.ts';
export type { Replay } from './history/replay.ts';
export type { ReplayedChain } from './history/replayed-chain.ts';
export type { ReplayedTask } from './history/replayed-task.ts';
export { loadChain } from './load-chain.ts';
export { parseChainFile } from './chains/parse-chain-file.ts';
export { chainJsonSchema } from './chains/chain-json-schema.ts';
export type { ChainDraft } from './chains/chain-draft.ts';
export type {
  ChainArgumentForm,
  ChainForm,
  ChainFormOptions,
  ChainPartForm,
  ChainStepForm,
  ChainTemplateForm,
} from './chains/chain-form.ts';
export { listWorktrees } from './list-worktrees.ts';
export type { WorktreeSite } from './list-worktrees.ts';
export { pruneWorktrees } from './prune-worktrees.ts';
export type { KeptWorktree } from './rooms/workspace-rooms.ts';
export type { MergeMode, PreservedEntry, Pruned, WorkspaceList, WorktreeEntry } from './workspaces/port.ts';
export { openSkills } from './open-skills.ts';
export { renderSkill } from './skills/render-skill.ts';
export { lintSkill } from './skills/lint-skill.ts';
export type { SkillLint } from './skills/lint-skill.ts';
export type { SkillArguments } from './skills/bind-arguments.ts';
export type { SkillDraft } from './skills/skill-draft.ts';
export type { SkillProblem } from './skills/skill-shelf.ts';
export type { ListedSkill, ShadowedSkill } from './skills/resolve-skills.ts';
export type {
  SkillListOptions,
  SkillRegistry,
  SkillRemoveOptions,
  SkillTarget,
} from './skills/skill-registry.ts';
export type { Skill, SkillArgument, SkillScope, SkillSettings, SkillSource } from './skills/skill.ts';
export { loadConfig } from './config/load-config.ts';
export type { ConfigPlace, LoadedConfig } from './config/load-config.ts';
export type { Config, McpConfig } from './config/config.ts';
export { configJsonSchema } from './config/config-json-schema.ts';
export { diagnose } from './doctor/diagnose.ts';
export type { Diagnosis } from './doctor/diagnosis.ts';
export { claudeDriver } from './claude/driver.ts';
export type { ClaudeOptions } from './claude/options.ts';
export { PoolError } from './errors.ts';
export type { PoolErrorCode, PoolErrorDetails } from './errors.ts';
export type { Distribution } from './metrics/distribution.ts';
export type { PoolMetrics } from './metrics/pool-metrics.ts';
export type { Usage } from './metrics/usage-book.ts';
export type {
  BudgetState,
  ChainLifecycleEvent,
  LifecycleState,
  LimitState,
  MissedEvents,
  PoolEvent,
  PoolEventOf,
  PoolLifecycleEvent,
  SlotChange,
  SlotLifecycleEvent,
  SlotState,
  StatusChange,
  TaskLifecycleEvent,
} from './events.ts';
export type {
  AttemptTrace,
  ClaudeDriver,
  ClaudeSession,
  Finding,
  SessionExit,
  SessionLaunch,
  Turn,
  TurnActivity,
  TurnAttempt,
  TurnHooks,
} from './ports.ts';
export type { ChainState, StepState } from '../machines/chain-shelf.ts';
export type { TaskState, TaskWait } from '../machines/task-types.ts';
export type { StepFault, StepStatus } from '../machines/step-types.ts';
export type {
  AttemptReport,
  Effort,
  Evidence,
  Message,
  PermissionDenial,
  PermissionMode,
  ResultEvidence,
  SessionPolicy,
  SlotIdentity,
  SlotWish,
  TokensUsed,
  WorkReport,
  WorkspaceScope,
} from '../machines/types.ts';
export type { VerdictName } from '../machines/verdict-types.ts';
export type { Clock, World } from './world.ts';
