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

/** How far a rule has come in a turn. */
interface Play {
  readonly answers: readonly Answer[];
  /** The step of the turn at which the rule began. */
  readonly start: number;
  readonly faults: number;
  readonly isOver: boolean;
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

  function begin(prompt: string, start: number): Play {
    const rule = script.rules.find((one) => prompt.includes(one.when) && hasTimesLeft(one));
    if (rule !== undefined) timesPlayed.set(rule, (timesPlayed.get(rule) ?? 0) + 1);
    const answers = rule?.answers ?? script.otherwise ?? [{ echo: true }];
    return { answers, start, faults: 0, isOver: false };
  }

  function resume({ turn, prompt, step }: PlayedRequest): Play {
    const play = plays.get(turn);
    if (play === undefined) return begin(prompt, 0);
    return play.isOver ? begin(prompt, step) : play;
  }

  function hasTimesLeft(rule: Rule): boolean {
    return (timesPlayed.get(rule) ?? 0) < (rule.times ?? Infinity);
  }

  return (request) => {
    const play = resume(request);
    const position = request.step - play.start + play.faults;
    const answer = play.answers[Math.min(position, play.answers.length - 1)] ?? {};
    plays.delete(request.turn);
    plays.set(request.turn, isFault(answer) ? afterFault(play, position) : play);
    forgetOldest(plays, rememberedTurns);
    return answer;
  };
}

function afterFault(play: Play, position: number): Play {
  return { ...play, faults: play.faults + 1, isOver: position >= play.answers.length - 1 };
}

function isFault(answer: Answer): boolean {
  return 'status' in answer || 'drop' in answer || 'silence' in answer;
}
