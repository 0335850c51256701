import type { Payloads } from './port.ts';

/** How one kind of record is written now, and how every version of it is read. */
export interface Format<Data> {
  /** Written beside each record. A record of a higher version is set aside. */
  readonly version: number;
  /** Throws when the value is none of this version. */
  readonly read: (value: unknown, version: number) => Data;
}

export type Formats<Kept extends Payloads> = { readonly [Kind in keyof Payloads]: Format<Kept[Kind]> };

/** Reads the text of a record. Throws a sentence when it cannot. */
export function readRecord<Data>(
  { v, data }: { readonly v: number; readonly data: string },
  format: Format<Data>,
): Data {
  requireKnown(v, format);
  return format.read(JSON.parse(data), v);
}

export function requireKnown(v: number, { version }: Pick<Format<unknown>, 'version'>): void {
  if (v <= version) return;
  throw new Error(`Expected a record of version ${version} or older, got version ${v}.`);
}
