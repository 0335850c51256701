import type { Actor } from 'xstate';
import type { DirectoryContext } from '../machines/directory-types.ts';
import type { poolMachine } from '../machines/pool.ts';
import { PoolError } from './errors.ts';

/** The directory's state is one object for the life of the pool, and outlives its actor. */
export function directoryOf(actor: Actor<typeof poolMachine>): DirectoryContext {
  const directory = actor.getSnapshot().children.directory;
  if (directory === undefined) throw new PoolError('INVALID_STATE', 'Expected a pool that was started.');
  return directory.getSnapshot().context;
}
