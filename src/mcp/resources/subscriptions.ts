import type { Server } from '@modelcontextprotocol/sdk/server/index.js';
import { PoolError } from '../../index.ts';
import type { Pool, PoolEvent } from '../../index.ts';
import { touchedResources } from './touched-resources.ts';

/** Changes that come closer together are told once. */
const QUIET_MS = 50;
/** A client that subscribes without end is not followed without end. */
const MOST_SUBSCRIPTIONS = 1_000;

/** What a client wants to be told of. */
export interface Subscriptions {
  /** Throws `INVALID_OPTIONS` when there are too many. */
  add(uri: string): void;
  delete(uri: string): void;
  /** Stops listening to the pool. */
  end(): void;
}

/** Tells the client of changes in the resources that it has subscribed to, and in the list of slots. */
export function subscriptions(server: Server, pool: Pool): Subscriptions {
  const wanted = new Set<string>();
  const changed = new Set<string>();
  let timer: NodeJS.Timeout | undefined;

  const stopEvents = pool.on('event', note);
  const stopScaling = pool.on('pool.scaled', () => quietly(server.sendResourceListChanged()));

  function note(event: PoolEvent): void {
    if (wanted.size === 0) return;
    for (const uri of touchedResources(event)) if (wanted.has(uri)) changed.add(uri);
    if (changed.size > 0) timer ??= setTimeout(tell, QUIET_MS);
  }

  function tell(): void {
    timer = undefined;
    for (const uri of changed) quietly(server.sendResourceUpdated({ uri }));
    changed.clear();
  }

  return {
    add(uri) {
      if (wanted.size >= MOST_SUBSCRIPTIONS && !wanted.has(uri)) throw tooMany();
      wanted.add(uri);
    },
    delete: (uri) => void wanted.delete(uri),
    end() {
      clearTimeout(timer);
      stopEvents();
      stopScaling();
    },
  };
}

function tooMany(): PoolError {
  const message = `Expected at most ${MOST_SUBSCRIPTIONS} subscriptions. Unsubscribe from resources first.`;
  return new PoolError('INVALID_OPTIONS', message);
}

/** A client that has left misses nothing. */
function quietly(sending: Promise<void>): void {
  sending.catch(() => undefined);
}
