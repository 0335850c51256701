import { z } from 'zod';
import type { Format, Formats } from './format.ts';
import type { Payloads } from './port.ts';
import type { ProblemShelf } from './problem-shelf.ts';

const numberedRow = z.object({ no: z.int() });

export interface RowSource<Kept extends Payloads, Kind extends keyof Payloads> {
  readonly kind: Kind;
  readonly rows: readonly unknown[];
  readonly formats: Formats<Kept>;
}

/** What can be read of the rows; the others are set aside. */
export function legible<Kept extends Payloads, Kind extends keyof Payloads, Result>(
  { kind, rows, formats }: RowSource<Kept, Kind>,
  shelf: ProblemShelf,
  read: (row: unknown, format: Format<Kept[Kind]>) => Result,
): readonly Result[] {
  return rows.flatMap((row) => {
    try {
      return [read(row, formats[kind])];
    } catch (error) {
      shelf.setAside({ kind, no: numberedRow.parse(row).no }, reasonOf(error));
      return [];
    }
  });
}

function reasonOf(error: unknown): string {
  return error instanceof z.ZodError ? z.prettifyError(error) : String(error);
}
