import type { ClaudeDriver, ClaudeSession, Room, Rooms, Turn } from '../ports.ts';

export interface RoomedDriverOptions {
  readonly driver: ClaudeDriver;
  readonly rooms: Rooms;
  /** Whether Claude is told what is not committed and therefore not in its room. */
  readonly tellMissing: boolean;
}

/** A driver whose sessions work in rooms of their own, where their launch names one. */
export function roomedDriver({ driver, rooms, tellMissing }: RoomedDriverOptions): ClaudeDriver {
  function roomed(session: ClaudeSession, { id, path }: Room & { readonly id: string }): ClaudeSession {
    return {
      pid: session.pid,
      version: session.version,
      cwd: path,
      get sessionId() {
        return session.sessionId;
      },
      exited: session.exited,
      async prepare(turn, { signal }) {
        if (turn.attempt === undefined) return turn;
        const missing = await rooms.begin(id, turn.attempt, { signal }).catch(async (error: unknown) => {
          if (!signal.aborted) await session.close();
          throw error;
        });
        return tellMissing && turn.attempt.number === 1 ? withNote(turn, missing) : turn;
      },
      async run(turn, hooks) {
        const report = await session.run(turn, hooks);
        if (turn.attempt === undefined) return report;
        return rooms.end(id, turn.attempt).then(
          (workspace) => ({ ...report, workspace }),
          (error: unknown) => ({
            ...report,
            stderrTail: `${report.stderrTail ?? ''}\n${String(error)}`.trim(),
          }),
        );
      },
      clear: (options) => session.clear(options),
      close: () => session.close(),
    };
  }

  return {
    async open({ workspace: id, ...launch }, options) {
      if (id === undefined) return driver.open(launch, options);
      const room = await rooms.enter({ id, isShared: id === launch.slotId }, options);
      try {
        const session = await driver.open({ ...launch, cwd: room.path }, options);
        void session.exited.then(() => room.leave());
        return roomed(session, { ...room, id });
      } catch (error) {
        room.leave();
        throw error;
      }
    },
  };
}

const LISTED = 50;

function withNote(turn: Turn, missing: readonly string[]): Turn {
  if (missing.length === 0) return turn;
  const list = missing.slice(0, LISTED).map((name) => `- ${name}`);
  const rest = missing.length > LISTED ? [`- and ${missing.length - LISTED} more`] : [];
  const note = [
    'You work in a copy of the repository as it is committed. Changes to these files are not committed, and not in it:',
    ...list,
    ...rest,
  ].join('\n');
  return { ...turn, prompt: `${turn.prompt}\n\n---\n${note}` };
}
