import { printData } from '../envelope.ts';

/** Where a pool is reached that is ready. */
export interface Ready {
  readonly stateDir: string;
  readonly socket: string;
  readonly pid: number;
}

/** Says it to the parent, where this is the process in the background, or to the reader. */
export function sayReady(ready: Ready, flags: { readonly json?: boolean }): void {
  if (process.send === undefined) printReady(ready, flags);
  else process.send({ ready });
}

export function printReady(ready: Ready, { json }: { readonly json?: boolean }): void {
  if (json === true) printData(ready);
  else process.stderr.write(`The pool on ${ready.stateDir} is ready (process ${ready.pid}).\n`);
}
