import { deferred } from '../../src/deferred.ts';
import type { Deferred } from '../../src/deferred.ts';
import type { ClaudeDriver } from '../../src/ports.ts';

/** What a session does only when the test lets it. */
export type Deed = 'open' | 'clear' | 'end';

export interface HeldSessions {
  readonly driver: ClaudeDriver;
  /** Lets the deed be done as soon as it is asked for; opening by that driver. */
  let(deed: Deed, by?: ClaudeDriver): void;
  /** Resolves when a session waits to be let. */
  waits(deed: Deed): Promise<Deed>;
  /** Kills the process of the session that was opened last. */
  kill(): void;
  /** Lets all that comes be done. */
  dismiss(): void;
}

interface Hold {
  readonly asked: Deferred<Deed>;
  readonly leave: Deferred<ClaudeDriver>;
}

/** Real sessions that open, clear and are known to have ended one step at a time. */
export function heldSessions(driver: ClaudeDriver): HeldSessions {
  const holds = new Map<Deed, Hold>();
  let isDismissed = false;
  let pid: number | undefined;

  function holdOf(deed: Deed): Hold {
    const hold = holds.get(deed) ?? { asked: deferred<Deed>(), leave: deferred<ClaudeDriver>() };
    holds.set(deed, hold);
    if (isDismissed) hold.leave.resolve(driver);
    return hold;
  }

  async function leaveTo(deed: Deed): Promise<ClaudeDriver> {
    const { asked, leave } = holdOf(deed);
    asked.resolve(deed);
    const opener = await leave.promise;
    holds.delete(deed);
    return opener;
  }

  return {
    let: (deed, by = driver) => holdOf(deed).leave.resolve(by),
    waits: (deed) => holdOf(deed).asked.promise,
    kill: () => void (pid !== undefined && process.kill(pid, 'SIGKILL')),
    dismiss() {
      isDismissed = true;
      for (const { leave } of holds.values()) leave.resolve(driver);
    },
    driver: {
      ...driver,
      async open(launch, options) {
        const opener = await leaveTo('open');
        const session = await opener.open(launch, options);
        const clear = session.clear.bind(session);
        pid = session.pid;
        return Object.assign(session, {
          exited: session.exited.then((exit) => leaveTo('end').then(() => exit)),
          clear: (cleared: Parameters<typeof clear>[0]) => leaveTo('clear').then(() => clear(cleared)),
        });
      },
    },
  };
}
