import { abortable } from '../abortable.ts';
import type { Pool } from '../api.ts';
import { directoryOf } from '../directory-of.ts';
import { PoolError } from '../errors.ts';
import { parseListener } from '../options/call-arguments.ts';
import { statusOf } from '../views/pool-status.ts';
import { chainDesk } from './chain-desk.ts';
import { drainDesk } from './drain-desk.ts';
import type { FacadeParts } from './facade-parts.ts';
import { fleet } from './fleet.ts';
import { mailbox } from './mailbox.ts';
import { mergeDesk } from './merge-desk.ts';
import { reviewDesk } from './review-desk.ts';
import { withOptionsBorder } from './options-border.ts';
import { sharedContext } from './shared-context.ts';
import { skillDesk } from './skill-desk.ts';
import { taskDesk } from './task-desk.ts';
import { taskRegister } from './task-register.ts';
import { workspaceDesk } from './workspace-desk.ts';

/** The pool's public face: calls become events, and events become promises and iterables. */
export function facade(parts: FacadeParts): Pool {
  const { actor, archive, book, log, metrics, skills } = parts;
  const directory = directoryOf(actor);
  const desks = { register: taskRegister(parts), merges: mergeDesk(parts) };
  const tasks = taskDesk(parts, desks);
  const { drain } = drainDesk(parts, desks);

  return withOptionsBorder({
    ...tasks,
    ...reviewDesk(parts, desks),
    ...chainDesk(parts),
    ...skillDesk(skills, tasks),
    ...fleet(parts),
    ...mailbox(parts),
    ...sharedContext(parts),
    workspaces: workspaceDesk(parts),
    status: () => statusOf(actor.getSnapshot(), directory),
    metrics: () => metrics.read(),
    async history({ from = 1, task, limit = 1_000, signal } = {}) {
      if (archive === undefined) {
        throw new PoolError(
          'INVALID_STATE',
          'Expected a pool with a `stateDir`, got one that keeps no history.',
        );
      }
      await abortable(book.flushed(), signal);
      return archive.events({ from, limit, ...(task !== undefined && { taskId: task }) });
    },
    events: ({ signal } = {}) => log.read(signal),
    on(type, listener) {
      const hear = parseListener(listener);
      return log.on(type, (event) => hear(event as never));
    },
    drain,
    async [Symbol.asyncDispose]() {
      await drain({ timeoutMs: 0 });
    },
    actor,
  });
}
