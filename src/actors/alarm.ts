import { fromCallback } from 'xstate';
import type { AlarmCommand } from '../../machines/port.ts';
import { LONGEST_TIMER_MS, realWorld } from '../world.ts';
import type { World } from '../world.ts';

/**
 * The port `alarm` of `poolMachine`: its one timer. Rings late when the process is busy, never early.
 *
 * @example
 * const actors = { alarm: alarmActor() }; // for `poolMachine`
 */
export function alarmActor({ now, clock }: Pick<World, 'now' | 'clock'> = realWorld) {
  return fromCallback<AlarmCommand>(({ receive, sendBack }) => {
    let timer: unknown;

    /** A time beyond what a timer can wait is set again when it rings. */
    function set(at: number): void {
      timer = clock.setTimeout(
        () => {
          if (now() < at) set(at);
          else sendBack({ type: 'alarm.rang', at: now() });
        },
        Math.min(Math.max(0, at - now()), LONGEST_TIMER_MS),
      );
    }

    receive((command) => {
      clock.clearTimeout(timer);
      if (command.type === 'alarm.set') set(command.at);
    });
    return () => clock.clearTimeout(timer);
  });
}
