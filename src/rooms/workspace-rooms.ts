import { randomUUID } from 'node:crypto';
import type { WorkReport } from '../../machines/types.ts';
import { PoolError } from '../errors.ts';
import type { Rooms, TurnAttempt } from '../ports.ts';
import type { Workspace, Workspaces } from '../workspaces/port.ts';
import { inTurn } from '../workspaces/turn-taking.ts';
import { EMPTY, isReady } from './place.ts';
import type { Place } from './place.ts';
import { savedWork } from './saved-work.ts';
import { workReport } from './work-report.ts';

/** A workspace of the pool that could not be removed. */
export interface KeptWorktree {
  readonly id: string;
  readonly path: string;
  readonly branch: string;
  readonly reason: string;
}

export interface WorkspaceRooms extends Rooms {
  /** The task or chain has ended: its room is saved and removed as soon as nobody is in it. */
  vacate(ownerId: string): void;
  /** What a task has done, when its room is still as it left it. Also one that an earlier pool has left. */
  recall(ownerIds: readonly string[], taskId: string, signal: AbortSignal): Promise<WorkReport | undefined>;
  /** Saves and removes all rooms but those of owners that go on. Resolves with what is still there. */
  close(goesOn: (ownerId: string) => boolean): Promise<readonly KeptWorktree[]>;
}

/** What saving and removing may take. */
const LONGEST_MS = 600_000;

export interface WorkspaceRoomsOptions {
  readonly workspaces: Workspaces;
  /** Name of a pool that had other lives: what they have left is removed at the end, too. @default none */
  readonly heirOf?: string | undefined;
}

/** The workspaces that sessions of this pool are in. */
export function workspaceRooms({ workspaces, heirOf }: WorkspaceRoomsOptions): WorkspaceRooms {
  const places = new Map<string, Place>();
  const removals = new Map<string, Promise<KeptWorktree | undefined>>();
  const house = randomUUID();

  function alone<Value>(id: string, signal: AbortSignal, work: () => Promise<Value>): Promise<Value> {
    return inTurn({ key: `${house}/${id}`, signal, work });
  }

  async function placeOf(id: string, isShared: boolean, signal: AbortSignal): Promise<Place> {
    await removals.get(id);
    const known = places.get(id);
    if (known !== undefined) return known;
    const adopted = await workspaces.adopt(id, { signal });
    const workspace = adopted ?? (await workspaces.acquire({ id, task: id, signal }));
    const place = { workspace, isShared, task: adopted?.task, ...EMPTY };
    places.set(id, place);
    return place;
  }

  function held(id: string): Place {
    const place = places.get(id);
    if (place?.isBroken === false) return place;
    throw new PoolError(
      'WORKTREE',
      `Expected the workspace \`${id}\` to be in order, and it is not. A new session finds it anew: try again.`,
    );
  }

  async function remove(id: string, { workspace }: Place): Promise<KeptWorktree | undefined> {
    const signal = AbortSignal.timeout(LONGEST_MS);
    places.delete(id);
    try {
      await workspaces.remove(workspace, { signal });
      return undefined;
    } catch (error) {
      await workspaces.release(workspace, { signal }).catch(() => undefined);
      return keptAs(workspace, error instanceof Error ? error.message : String(error));
    }
  }

  /** Who enters a room that was broken begins with what is left of it. */
  function tidy(id: string): void {
    const place = places.get(id);
    if (place === undefined || place.sessions > 0 || !(place.isVacated || place.isBroken)) return;
    const removal = place.isVacated ? remove(id, place) : giveBack(id, place);
    removals.set(id, removal);
    void removal.then((kept) => kept ?? removals.delete(id));
  }

  async function giveBack(id: string, { workspace }: Place): Promise<undefined> {
    places.delete(id);
    await workspaces.release(workspace, { signal: AbortSignal.timeout(LONGEST_MS) }).catch(() => undefined);
  }

  /** Saves what the last task has left, unless the task goes on there. */
  async function makeReady(place: Place, attempt: TurnAttempt, signal: AbortSignal): Promise<void> {
    const { taskId: task, number, work } = attempt;
    if (isReady(place, task, work)) return;
    const saved = savedWork(work);
    const reset = { task, attempt: number, signal, ...(saved && { work: saved }) };
    place.workspace = await workspaces.reset(place.workspace, reset);
  }

  async function seen(id: string, { taskId, number }: TurnAttempt, signal: AbortSignal): Promise<WorkReport> {
    const { workspace } = held(id);
    await workspaces.preserve(workspace, { task: taskId, attempt: number, signal });
    return workReport(workspace, await workspaces.describe(workspace, { signal }));
  }

  return {
    enter: ({ id, isShared }, { signal }) =>
      alone(id, signal, async () => {
        const place = await placeOf(id, isShared, signal);
        place.sessions += 1;
        return {
          path: place.workspace.path,
          leave() {
            place.sessions -= 1;
            tidy(id);
          },
        };
      }),
    begin: (id, attempt, { signal }) =>
      alone(id, signal, async () => {
        const place = held(id);
        await makeReady(place, attempt, signal).catch((error: unknown) => {
          place.isBroken = !signal.aborted;
          throw error;
        });
        place.task = attempt.taskId;
        return place.workspace.missing;
      }),
    end(id, attempt) {
      const signal = AbortSignal.timeout(LONGEST_MS);
      return alone(id, signal, () =>
        seen(id, attempt, signal).catch((error: unknown) => {
          const place = places.get(id);
          if (place !== undefined) place.isBroken = true;
          throw error;
        }),
      );
    },
    vacate(ownerId) {
      const place = places.get(ownerId);
      if (place === undefined || place.isShared) return;
      place.isVacated = true;
      tidy(ownerId);
    },
    async recall(ownerIds, taskId, signal) {
      for (const id of ownerIds) await recalled(id, signal);
      const [id] = [...places].find(([, { task }]) => task === taskId) ?? [];
      if (id === undefined) return undefined;
      return alone(id, signal, () => seen(id, { taskId, number: 1 }, signal));
    },
    async close(goesOn) {
      const left = [...places].map(async ([id, place]) => {
        if (!goesOn(id)) return remove(id, place);
        const signal = AbortSignal.timeout(LONGEST_MS);
        await workspaces.release(place.workspace, { signal }).catch(() => undefined);
        return keptAs(place.workspace, 'Its task has not ended.');
      });
      const all = await Promise.all([...removals.values(), ...left]);
      const inherited = heirOf === undefined ? [] : await removeInherited(heirOf, goesOn);
      return [...all, ...inherited].filter((kept) => kept !== undefined);
    },
  };

  /** Worktrees of earlier lives whose owners have ended since. */
  async function removeInherited(
    pool: string,
    goesOn: (ownerId: string) => boolean,
  ): Promise<readonly (KeptWorktree | undefined)[]> {
    const signal = AbortSignal.timeout(LONGEST_MS);
    const { worktrees } = await workspaces.list({ signal }).catch(() => ({ worktrees: [] }));
    const left = worktrees.filter(
      ({ id, ...entry }) => entry.pool === pool && entry.status !== 'held' && !goesOn(id),
    );
    return Promise.all(
      left.map(async ({ id }) => {
        const workspace = await workspaces.adopt(id, { signal }).catch(() => undefined);
        return workspace && remove(id, { workspace, isShared: false, task: workspace.task, ...EMPTY });
      }),
    );
  }

  /** Takes a room that an earlier pool has left, if it did. */
  async function recalled(id: string, signal: AbortSignal): Promise<void> {
    await alone(id, signal, async () => {
      await removals.get(id);
      if (places.has(id)) return;
      const workspace = await workspaces.adopt(id, { signal });
      if (workspace === undefined) return;
      places.set(id, { workspace, isShared: false, task: workspace.task, ...EMPTY });
    });
  }
}

function keptAs({ id, path, branch }: Workspace, reason: string): KeptWorktree {
  return { id, path, branch, reason };
}
