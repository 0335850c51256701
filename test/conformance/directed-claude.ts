import { deferred } from '../../src/deferred.ts';
import type { Deferred } from '../../src/deferred.ts';
import type { ClaudeDriver } from '../../src/ports.ts';
import type { Answer, Rule } from '../../src/testing/script.ts';

/** What an answer costs with the model of the stage. */
export const ANSWER_MICROS = 1_000;

const ANSWERS = {
  answered: { text: 'done', usage: { inputTokens: 900, outputTokens: 20 } },
  crashed: { crash: 'beforeResult' },
  outOfTurns: { result: { subtype: 'error_max_turns', is_error: true, terminal_reason: 'max_turns' } },
  rateLimited: { status: 429 },
  interrupted: { silence: true },
} as const satisfies Record<string, Answer>;

/** How Claude plays a turn. */
export type Play = keyof typeof ANSWERS;

/** What the fake Claude must know to be directed. It may try a refused request again before the pool interrupts it. */
export const DIRECTED_RULES: readonly Rule[] = Object.entries(ANSWERS).map(([play, answer]) => ({
  when: `#${play}`,
  answers: 'status' in answer ? Array<Answer>(9).fill(answer) : [answer],
}));

/** Real sessions that wait in each turn until the test tells how it is played. */
export interface DirectedClaude {
  readonly driver: ClaudeDriver;
  /** Plays the turn of that task, now or as soon as it has one. */
  play(taskId: string, play: Play): void;
  /** Resolves when a turn of that task waits for its play. */
  waits(taskId: string): Promise<void>;
  /** Interrupts every turn, and all that come. */
  dismiss(): void;
}

interface Cue {
  readonly asked: Deferred<void>;
  readonly play: Deferred<Play>;
}

export function directedClaude(driver: ClaudeDriver): DirectedClaude {
  const cues = new Map<string, Cue>();
  let isDismissed = false;

  function cueOf(taskId: string): Cue {
    const cue = cues.get(taskId) ?? { asked: deferred<void>(), play: deferred<Play>() };
    cues.set(taskId, cue);
    if (isDismissed) cue.play.resolve('interrupted');
    return cue;
  }

  return {
    play: (taskId, play) => cueOf(taskId).play.resolve(play),
    waits: (taskId) => cueOf(taskId).asked.promise,
    dismiss() {
      isDismissed = true;
      for (const cue of cues.values()) cue.play.resolve('interrupted');
    },
    driver: {
      ...driver,
      async open(launch, options) {
        const session = await driver.open(launch, options);
        const run = session.run.bind(session);
        return Object.assign(session, {
          async run(...[turn, hooks]: Parameters<typeof run>) {
            const taskId = turn.attempt?.taskId ?? '';
            const cue = cueOf(taskId);
            cue.asked.resolve();
            const play = await cue.play.promise;
            cues.delete(taskId);
            const heard = new AbortController();
            return run(
              { ...turn, prompt: `${turn.prompt}\n#${play}` },
              {
                ...hooks,
                signal: heard.signal,
                onActivity: ({ type }) => type === 'sent' && play === 'interrupted' && heard.abort(),
              },
            );
          },
        });
      },
    },
  };
}
