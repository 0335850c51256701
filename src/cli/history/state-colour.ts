import pc from 'picocolors';

/** The name of a state in the colour that it has everywhere. */
export function coloured(state: string): string {
  return (COLOURS[state] ?? String)(state);
}

const COLOURS: Readonly<Record<string, (text: string) => string>> = {
  running: pc.cyan,
  pendingReview: pc.magenta,
  completed: pc.green,
  failed: pc.red,
  cancelled: pc.yellow,
};
