import type { Effort } from '../../machines/types.ts';
import type { SessionLaunch, Turn } from '../ports.ts';
import type { ControlRequest } from './control.ts';

export interface TurnSettings {
  readonly model: string | undefined;
  readonly effort: Effort | undefined;
}

export function launchSettings({ model, effort }: SessionLaunch): TurnSettings {
  return { model, effort };
}

/** What the turn runs with: its own wishes, else what the session was launched with. */
export function settingsFor(launch: SessionLaunch, { model, effort }: Turn): TurnSettings {
  return { model: model ?? launch.model, effort: effort ?? launch.effort };
}

/**
 * The request that changes the settings, or undefined when nothing changes. They stay over `/clear`.
 * `set_model` would do for the model, but 2.1.330 sends a paid request to try a model it does not know.
 */
export function settingsRequest(current: TurnSettings, wanted: TurnSettings): ControlRequest | undefined {
  const settings = {
    ...(wanted.model !== current.model && { model: wanted.model ?? null }),
    ...(wanted.effort !== current.effort && { effortLevel: wanted.effort ?? null }),
  };
  return Object.keys(settings).length === 0 ? undefined : { subtype: 'apply_flag_settings', settings };
}
