import type { Diagnosis } from './diagnosis.ts';

const OLDEST = [20, 19] as const;

export function checkNode(version: string = process.versions.node): Diagnosis {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [oldestMajor, oldestMinor] = OLDEST;
  const message = `Node ${version}.`;
  if (major > oldestMajor || (major === oldestMajor && minor >= oldestMinor)) {
    return { check: 'node', status: 'ok', message };
  }
  return { check: 'node', status: 'error', message, remedy: `Install Node ${OLDEST.join('.')} or newer.` };
}
