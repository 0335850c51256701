/** What Linux says of a process. */
export interface LinuxStat {
  readonly pid: number;
  readonly parent: number;
  /** Clock ticks since the machine was started. */
  readonly startedAt: string;
  /** It has ended, and waits for its parent to notice. */
  readonly hasEnded: boolean;
}

/** Reads `/proc/<pid>/stat`; undefined for a process that is not there. */
export function parseStat(text: string): LinuxStat | undefined {
  // The command's name may hold spaces and brackets: the fields are counted from its last bracket.
  const [state, parent, ...rest] = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const startedAt = rest[17];
  if (state === undefined || startedAt === undefined) return undefined;
  return {
    pid: Number.parseInt(text, 10),
    parent: Number(parent),
    startedAt,
    hasEnded: 'ZX'.includes(state),
  };
}
