import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { FakeSettings } from './fake-claude-settings.ts';
import type { Answer, Rule } from './script.ts';

/** Gives the answers of one turn. */
export interface TurnPlay {
  next(): Answer;
  /** False when the answer given last is the rule's last: it would be repeated. */
  hasMore(): boolean;
}

/**
 * Plays a script as the fake Messages API does: a turn keeps its rule and counts once in `times`, its n-th request
 * plays the n-th answer, and after a fault that was the rule's last answer a rule is looked for again.
 */
export function scriptPlays({ script, counters }: FakeSettings): (prompt: string) => TurnPlay {
  const claim = counters === undefined ? claimHere() : claimInDirectory(counters);

  function begin(prompt: string): readonly Answer[] {
    const index = script.rules.findIndex((rule, place) => prompt.includes(rule.when) && claim(rule, place));
    return script.rules[index]?.answers ?? script.otherwise ?? [{ echo: true }];
  }

  return (prompt) => {
    let answers = begin(prompt);
    let position = 0;
    let isLeft = false;
    return {
      next() {
        if (isLeft) [answers, position] = [begin(prompt), 0];
        const answer = answers[Math.min(position, answers.length - 1)] ?? {};
        position += 1;
        isLeft = position >= answers.length && isApiFault(answer);
        return answer;
      },
      hasMore: () => position < answers.length,
    };
  };
}

function isApiFault(answer: Answer): boolean {
  return 'status' in answer || 'drop' in answer || 'silence' in answer;
}

function claimHere(): (rule: Rule, place: number) => boolean {
  const taken = new Map<Rule, number>();
  return (rule) => {
    const times = (taken.get(rule) ?? 0) + 1;
    taken.set(rule, times);
    return times <= (rule.times ?? Infinity);
  };
}

/** The file system decides which of two processes takes a turn of a rule. */
function claimInDirectory(directory: string): (rule: Rule, place: number) => boolean {
  return ({ times = Infinity }, place) => {
    if (times === Infinity) return true;
    mkdirSync(directory, { recursive: true });
    for (let turn = 1; turn <= times; turn += 1) {
      if (createFile(path.join(directory, `rule-${place}-${turn}`))) return true;
    }
    return false;
  };
}

function createFile(file: string): boolean {
  try {
    writeFileSync(file, String(process.pid), { flag: 'wx' });
    return true;
  } catch {
    return false;
  }
}
