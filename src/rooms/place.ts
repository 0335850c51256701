import type { WorkReport } from '../../machines/types.ts';
import type { Workspace } from '../workspaces/port.ts';

/** A workspace that sessions are in. */
export interface Place {
  workspace: Workspace;
  readonly isShared: boolean;
  /** Who was in it last; `undefined` in a new one. */
  task: string | undefined;
  sessions: number;
  isVacated: boolean;
  /** Something failed in it: who is in it must leave. */
  isBroken: boolean;
}

/** Of a workspace that nobody has entered. */
export const EMPTY = { sessions: 0, isVacated: false, isBroken: false };

/** A task goes on where it was; so does a chain with its next step. */
export function isReady(
  { isShared, task: last, workspace }: Place,
  task: string,
  work: WorkReport | undefined,
): boolean {
  if (!isShared) return last !== undefined || work === undefined;
  return last === task && (work === undefined || work.id === workspace.id);
}
