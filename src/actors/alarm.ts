import { fromCallback } from 'xstate';
import type { AlarmCommand } from '../../machines/port.ts';
import { realWorld } from '../world.ts';
import type { World } from '../world.ts';

/** What `setTimeout` can wait at most; a later alarm is set again when it rings. */
const LONGEST_MS = 2 ** 31 - 1;

/**
 * The port `alarm` of `poolMachine`: its one timer. Rings late when the process is busy, never early.
 *
 * @example
 * const actors = { alarm: alarmActor() }; // for `poolMachine`
 */
export function alarmActor({ now, clock }: Pick<World, 'now' | 'clock'> = realWorld) {
  return fromCallback<AlarmCommand>(({ receive, sendBack }) => {
    let timer: unknown;

    function set(at: number): void {
      timer = clock.setTimeout(
        () => {
          if (now() < at) set(at);
          else sendBack({ type: 'alarm.rang', at: now() });
        },
        Math.min(Math.max(0, at - now()), LONGEST_MS),
      );
    }

    receive((command) => {
      clock.clearTimeout(timer);
      if (command.type === 'alarm.set') set(command.at);
    });
    return () => clock.clearTimeout(timer);
  });
}
