import path from 'node:path';
import { isData } from './merged.ts';

type Data = Readonly<Record<string, unknown>>;

const PATHS = new Set([
  'stateDir',
  'repository',
  'worktreeDir',
  'skills.project',
  'skills.global',
  'claude.cwd',
  'mcp.tokenFile',
]);

/** The configuration with its paths made absolute: they are relative to where it comes from. */
export function resolvePaths(config: Data, base: string, prefix = ''): Data {
  return Object.fromEntries(
    Object.entries(config).map(([key, value]) => [key, resolved(value, `${prefix}${key}`, base)]),
  );
}

function resolved(value: unknown, name: string, base: string): unknown {
  if (typeof value === 'string' && PATHS.has(name)) return path.resolve(base, value);
  // A bare name is looked up on the `PATH`.
  if (name === 'claude.command' && /[/\\]/.test(String(value))) return path.resolve(base, String(value));
  return isData(value) ? resolvePaths(value, base, `${name}.`) : value;
}
