export { poolMachine } from './pool.ts';
export type {
  Limit,
  PoolCommand,
  PoolContext,
  PoolDrain,
  PoolEvent,
  PoolInput,
  PoolOutput,
} from './pool-types.ts';
export type { Autoscale, Floor, FloorRules, Seat } from './floor.ts';
export { slotMachine } from './slot.ts';
export type {
  SlotContext,
  SlotEvent,
  SlotFailure,
  SlotInput,
  SlotNotice,
  SlotOutput,
  SlotPolicy,
  SlotSettled,
} from './slot-types.ts';
export { taskMachine } from './task.ts';
export type { RetryPolicy } from './retry.ts';
export type {
  AttemptEnded,
  TaskContext,
  TaskEntry,
  TaskEvent,
  TaskInput,
  TaskNotice,
  TaskOptions,
  TaskOutput,
  TaskReason,
  TaskState,
  TaskView,
  TaskWait,
} from './task-types.ts';
export { chainMachine } from './chain.ts';
export type {
  ChainContext,
  ChainEvent,
  ChainInput,
  ChainNotice,
  ChainOptions,
  ChainOutput,
  ChainPart,
} from './chain-types.ts';
export type { ChainChange, ChainState, ChainView, StepState } from './chain-shelf.ts';
export { stepMachine } from './step.ts';
export type {
  ChainStep,
  StepCondition,
  StepContext,
  StepEvent,
  StepFault,
  StepInput,
  StepResult,
  StepStatus,
} from './step-types.ts';
export { parseTemplate } from './template.ts';
export type { Template, TemplateReference } from './template.ts';
export { directory } from './directory.ts';
export type { DirectoryOptions, TaskChange } from './directory-types.ts';
export { alarm, session } from './port.ts';
export type {
  AlarmCommand,
  AlarmRang,
  SessionCommand,
  SessionFact,
  SessionInput,
  SessionTurn,
  SlotRequest,
} from './port.ts';
export { VERDICTS, verdictOf } from './verdict.ts';
export type { Move, Verdict, VerdictName } from './verdict-types.ts';
export type {
  AttemptReport,
  Effort,
  Evidence,
  FileChange,
  Interruption,
  Message,
  Micros,
  PermissionDenial,
  PermissionMode,
  ProcessExit,
  ResultEvidence,
  SessionLaunch,
  SessionPolicy,
  SessionSettings,
  SlotIdentity,
  SlotSpec,
  SlotWish,
  Timestamp,
  TokensUsed,
  WorkReport,
  WorkspaceScope,
} from './types.ts';
