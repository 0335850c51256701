import { camelCase } from './camel-case.ts';

type Fields = Readonly<Record<string, unknown>>;

const STRUCTURES = ['arguments', 'config', 'claude-pool-arguments', 'claude-pool-settings'];
const SETTINGS = ['config', 'claude-pool-settings'];

/** Front matter with one spelling: structures that were written as JSON text, settings in camel case. */
export function normalFields(fields: Fields): Fields {
  const { metadata } = fields;
  if (!isRecord(metadata)) return fields;
  const members = Object.entries(metadata).map(([key, value]) => [key, normalMember(key, value)]);
  return { ...fields, metadata: Object.fromEntries(members) };
}

function normalMember(key: string, written: unknown): unknown {
  const value = STRUCTURES.includes(key) && typeof written === 'string' ? jsonOf(written) : written;
  if (!SETTINGS.includes(key) || !isRecord(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, setting]) => [camelCase(name), setting]));
}

/** The standard's metadata are texts only: there a structure is written as JSON. */
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function isRecord(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
