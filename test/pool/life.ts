import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { Pool, PoolEvent, PoolOptions } from 'claude-pool';
import { deferred } from '../../src/deferred.ts';
import { builtProgram } from '../built-program.ts';

const WORKER = builtProgram(new URL('life-worker.ts', import.meta.url));

/** A pool in a process of its own, that can be killed. */
export interface Life {
  readonly pid: number;
  /** Every event since the pool was open. */
  readonly events: readonly PoolEvent[];
  /** Calls a method of the pool. */
  call(method: keyof Pool, ...args: readonly unknown[]): Promise<unknown>;
  /** Resolves with the first event that fits, past or future. */
  event(fits: (event: PoolEvent) => boolean): Promise<PoolEvent>;
  /** SIGKILL; resolves when the process is gone. */
  kill(): Promise<void>;
}

export type Answer =
  | { readonly type: 'ready' }
  | { readonly type: 'event'; readonly event: PoolEvent }
  | { readonly type: 'value'; readonly no: number; readonly value?: unknown }
  | { readonly type: 'error'; readonly no?: number; readonly code: string; readonly message: string };

/** Starts a pool in a process of its own. Rejects with what kept the pool from starting. */
export async function startLife(options: PoolOptions): Promise<Life> {
  const child = fork(WORKER, [JSON.stringify(options)], { execArgv: [] });
  const ready = deferred<Error | undefined>();
  const events: PoolEvent[] = [];
  const listeners = new Set<(event: PoolEvent) => void>();
  const calls = new Map<number, ReturnType<typeof deferred<Answer>>>();
  child.on('message', (answer: Answer) => {
    if (answer.type === 'ready') ready.resolve(undefined);
    else if (answer.type === 'event') tell(answer.event);
    else if (answer.type === 'error' && answer.no === undefined) ready.resolve(errorOf(answer));
    else calls.get(answer.no ?? 0)?.resolve(answer);
  });

  function tell(event: PoolEvent): void {
    events.push(event);
    for (const listener of listeners) listener(event);
  }

  const failure = await ready.promise;
  if (failure !== undefined) throw failure;
  return {
    pid: child.pid ?? 0,
    events,
    async call(method, ...args) {
      const no = calls.size + 1;
      const answer = deferred<Answer>();
      calls.set(no, answer);
      child.send({ no, method, args });
      const given = await answer.promise;
      if (given.type === 'error') throw errorOf(given);
      return given.type === 'value' ? given.value : undefined;
    },
    event(fits) {
      const past = events.find(fits);
      if (past !== undefined) return Promise.resolve(past);
      return new Promise((resolve) => {
        const listener = (event: PoolEvent): void => {
          if (!fits(event)) return;
          listeners.delete(listener);
          resolve(event);
        };
        listeners.add(listener);
      });
    },
    kill: () => killed(child),
  };
}

async function killed(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}

function errorOf({ code, message }: Extract<Answer, { type: 'error' }>): Error {
  return Object.assign(new Error(message), { code });
}
