import { Option } from 'commander';
import type { Command } from 'commander';
import { SETTINGS } from './settings.ts';
import type { Setting, SettingName } from './settings.ts';

const settingOf = new WeakMap<Option, Setting>();

/** Gives a command flags that set keys of the configuration. */
export function withSettings(command: Command, names: readonly SettingName[]): Command {
  for (const name of names) command.addOption(settingOption(name));
  return command;
}

/** A flag that sets a key of the configuration, for a command that says it in its own words. */
export function settingOption(name: SettingName, text?: string): Option {
  const setting: Setting = SETTINGS[name];
  const option = new Option(setting.flags, text ?? setting.text);
  if (setting.choices !== undefined) option.choices(setting.choices);
  if (setting.parse !== undefined) option.argParser<unknown>(setting.parse);
  settingOf.set(option, setting);
  return option;
}

export function hasSettings(command: Command): boolean {
  return command.options.some((option) => settingOf.has(option));
}

/** What the flags of a command say, as a configuration. */
export function settingsGiven(command: Command): Readonly<Record<string, unknown>> {
  const given: Record<string, unknown> = {};
  for (const option of command.options) {
    const setting = settingOf.get(option);
    const name = option.attributeName();
    if (setting === undefined || command.getOptionValueSource(name) !== 'cli') continue;
    const [section = '', key] = setting.key.split('.');
    const value: unknown = command.getOptionValue(name);
    given[section] = key === undefined ? value : { ...Object(given[section]), [key]: value };
  }
  return given;
}
