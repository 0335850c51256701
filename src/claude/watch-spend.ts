import type { Micros } from '../../machines/types.ts';
import type { LiveSession } from './live-session.ts';
import type { Line } from './protocol.ts';
import { unsettledMicros } from './spend-meter.ts';

export interface SpendWatch {
  readonly heard: (line: Line) => void;
  /** The CLI's running total, as last read. */
  readonly totalUsd: () => number | undefined;
  readonly stop: () => void;
}

export interface SpendHooks {
  readonly capMicros: Micros | undefined;
  readonly onSpend: ((spend: Micros) => void) | undefined;
  readonly onOverCap: () => void;
}

type Phase = 'idle' | 'asking' | 'askingAgain' | 'stopped';

/** Asks for the running total after each answer of the model: that is when it changes. */
export function watchSpend(session: LiveSession, { capMicros, onSpend, onOverCap }: SpendHooks): SpendWatch {
  let phase: Phase = capMicros === undefined && onSpend === undefined ? 'stopped' : 'idle';
  let totalUsd: number | undefined;

  async function ask(): Promise<void> {
    phase = 'asking';
    const totals = await session.readTotals();
    if (is('stopped')) return;
    if (totals !== undefined) tell(totals.totalUsd);
    if (is('askingAgain')) return ask();
    phase = 'idle';
  }

  function tell(total: number): void {
    totalUsd = total;
    const spend = unsettledMicros(session.conversation().meter, total);
    onSpend?.(spend);
    if (capMicros !== undefined && spend > capMicros) onOverCap();
  }

  const is = (wanted: Phase) => phase === wanted;

  return {
    heard(line) {
      if (!changesTotal(line)) return;
      if (phase === 'idle') void ask();
      else if (phase === 'asking') phase = 'askingAgain';
    },
    totalUsd: () => totalUsd,
    stop() {
      phase = 'stopped';
    },
  };
}

/** A subagent's answers are not streamed: its messages stand for them. */
function changesTotal(line: Line): boolean {
  return line.type === 'messageEnded' || (line.type === 'message' && line.agent !== undefined);
}
