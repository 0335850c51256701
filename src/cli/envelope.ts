import { packageVersion } from './package-version.ts';

/** Prints the result of a command as the one JSON object of stdout. */
export function printData(data: object, meta: object = {}): void {
  print({ data, meta: { version: packageVersion(), ...meta } });
}

/** Prints an error in the place of a result. */
export function printError(error: {
  readonly code: string;
  readonly message: string;
  readonly spendUsd?: number;
}): void {
  print({ error, meta: { version: packageVersion() } });
}

function print(envelope: object): void {
  process.stdout.write(`${JSON.stringify(envelope, undefined, 2)}\n`);
}
