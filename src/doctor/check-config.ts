import { SLOT_MARK } from '../claude/environment.ts';
import { SESSION_MARK } from '../processes/session-mark.ts';
import type { ConfigPlace, LoadedConfig } from '../config/load-config.ts';
import { loadConfig } from '../config/load-config.ts';
import type { Config } from '../config/config.ts';
import { environmentConfig, variables } from '../config/environment-config.ts';
import { faultDiagnosis } from './diagnosis.ts';
import type { Diagnosis } from './diagnosis.ts';

/** The configuration as far as it is sound, and what is wrong with it. */
export async function checkConfig(
  place: ConfigPlace,
): Promise<{ readonly loaded: LoadedConfig; readonly findings: readonly Diagnosis[] }> {
  const strangers = strangeVariables(place.env ?? {});
  try {
    const loaded = await loadConfig(place);
    const message =
      loaded.files.length === 0 ? 'No configuration file.' : `Configured by ${loaded.files.join(' and ')}.`;
    return { loaded, findings: [{ check: 'config', status: 'ok', message }, ...strangers] };
  } catch (error) {
    const loaded: LoadedConfig = { config: soundVariables(place.env), root: place.folder, files: [] };
    const remedy = 'Correct it: `docs/configuration.md` of the package explains all keys.';
    return { loaded, findings: [faultDiagnosis('config', error, remedy), ...strangers] };
  }
}

function soundVariables(env: ConfigPlace['env'] = {}): Config {
  try {
    return environmentConfig(env);
  } catch {
    return {};
  }
}

/** A mistyped variable sets nothing, and nobody says so: the environment holds names that are none of ours. */
function strangeVariables(env: NonNullable<ConfigPlace['env']>): readonly Diagnosis[] {
  const known = new Set([...variables().keys(), SESSION_MARK, SLOT_MARK]);
  return Object.keys(env)
    .filter((name) => name.startsWith('CLAUDE_POOL_') && !known.has(name))
    .map((name) => ({
      check: 'config',
      status: 'warning',
      message: `The variable \`${name}\` sets nothing.`,
      remedy: 'Correct its name, or unset it.',
    }));
}
