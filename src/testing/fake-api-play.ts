import { forgetOldest } from './fake-api-memory.ts';
import type { Answer, Rule, Script } from './script.ts';

const rememberedTurns = 10_000;

/** One request, as far as the choice of its answer needs it. */
export interface PlayedRequest {
  /** Names the turn. A retried request has the same key. */
  readonly turn: string;
  readonly prompt: string;
  /** Requests of the turn that the model has answered already. */
  readonly step: number;
}

/** A turn that is being played by a rule. */
interface Play {
  readonly rule: Pick<Rule, 'answers'>;
  readonly faults: number;
}

/**
 * Plays a script, one request at a time.
 *
 * A turn keeps the rule that it began with, also when its requests are retried, and counts once in `times`.
 * Its n-th request plays the n-th answer: an answered request and a fault both move it on. A turn whose last
 * answer was a fault leaves its rule: the retry looks for a rule again and counts again. So
 * `{ when: 'x', times: 1, answers: [{ status: 529 }] }` fails one request, and the retry gets the next rule for `x`.
 */
export function scriptPlayer(script: Script): (request: PlayedRequest) => Answer {
  const timesPlayed = new Map<Rule, number>();
  const plays = new Map<string, Play>();

  function begin(prompt: string): Play {
    const rule = script.rules.find((one) => prompt.includes(one.when) && hasTimesLeft(one));
    if (rule === undefined) return { rule: { answers: script.otherwise ?? [{ echo: true }] }, faults: 0 };
    timesPlayed.set(rule, (timesPlayed.get(rule) ?? 0) + 1);
    return { rule, faults: 0 };
  }

  function hasTimesLeft(rule: Rule): boolean {
    return (timesPlayed.get(rule) ?? 0) < (rule.times ?? Infinity);
  }

  return ({ turn, prompt, step }) => {
    const play = plays.get(turn) ?? begin(prompt);
    const { answers } = play.rule;
    const position = Math.min(step + play.faults, answers.length - 1);
    const answer = answers[position] ?? {};
    plays.delete(turn);
    if (!isFault(answer)) plays.set(turn, play);
    else if (position < answers.length - 1) plays.set(turn, { ...play, faults: play.faults + 1 });
    forgetOldest(plays, rememberedTurns);
    return answer;
  };
}

function isFault(answer: Answer): boolean {
  return 'status' in answer || 'drop' in answer || 'silence' in answer;
}
