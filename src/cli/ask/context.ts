import { PoolError } from '../../index.ts';
import { printData } from '../envelope.ts';
import { asking } from './asking.ts';
import type { AskFlags } from './ask-flags.ts';

type Entry = { readonly key: string; readonly value: string };

export function listContext(flags: AskFlags): Promise<number> {
  return asking(flags, async ({ desk }, signal) => {
    const context = await desk.context({ signal });
    if (flags.json === true) printData({ context });
    else for (const [key, value] of Object.entries(context)) process.stdout.write(`${key}=${value}\n`);
  });
}

export function getContext(key: string, flags: AskFlags): Promise<number> {
  return asking(flags, async ({ desk }, signal) => {
    const { [key]: value } = await desk.context({ signal });
    if (value === undefined) throw noEntry(key);
    if (flags.json === true) printData({ key, value });
    else process.stdout.write(`${value}\n`);
  });
}

export function setContext(entry: Entry, flags: AskFlags): Promise<number> {
  return asking(flags, async ({ desk }, signal) => {
    await desk.setContext({ ...entry, signal });
    if (flags.json === true) printData(entry);
  });
}

export function deleteContext(key: string, flags: AskFlags): Promise<number> {
  return asking(flags, async ({ desk }, signal) => {
    if (!(await desk.deleteContext({ key, signal }))) throw noEntry(key);
    if (flags.json === true) printData({ key });
  });
}

function noEntry(key: string): PoolError {
  const message = `Expected the key of an entry of the shared context, got \`${key}\`. See \`claude-pool context list\`.`;
  return new PoolError('INVALID_STATE', message);
}
