import { noProgress, progress } from '../live/progress.ts';
import type { Work } from './do-work.ts';
import { printEnds } from './print-ends.ts';

/** How the work of a command that has several tasks is shown and printed: how they go on stderr, then all answers. */
export function manyTasks(flags: { readonly json?: boolean }): Pick<Work, 'show' | 'print'> {
  return {
    show: async ({ desk }) => (flags.json === true ? noProgress : progress({ desk, stream: process.stderr })),
    print: (ends) => printEnds(ends, flags),
  };
}
