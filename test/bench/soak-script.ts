import * as fc from 'fast-check';
import type { Answer, Rule, Script } from 'claude-pool/testing';

/** What a prompt can ask the fake Claude to do, and how often that is chosen. */
interface Play {
  readonly name: string;
  readonly weight: number;
  readonly answers: readonly Answer[];
  /** Plays so often at most, then echoes. @default unlimited */
  readonly times?: number;
}

/** What stops the whole pool. Each happens once: a limit that one task met for ever would be no limit of the account. */
const LIMITS: readonly Play[] = Array.from({ length: 12 }, (_, index) => [
  { name: `limit ${index}`, weight: 1, times: 1, answers: [{ status: 429 }] as const },
  { name: `window ${index}`, weight: 1, times: 1, answers: [{ status: 429, resetsAt: 1_000 }] as const },
  { name: `login ${index}`, weight: 1, times: 1, answers: [{ status: 401 }] as const },
  { name: `permission ${index}`, weight: 1, times: 1, answers: [{ status: 403 }] as const },
]).flat();

const PLAYS: readonly Play[] = [
  ...LIMITS,
  { name: 'echo', weight: 500, answers: [{ echo: true }] },
  {
    name: 'slow',
    weight: 600,
    answers: [{ text: ['one ', 'two ', 'three'], delayMs: 400, pieceDelayMs: 50 }],
  },
  { name: 'long', weight: 160, answers: [{ echo: true, delayMs: 1_500 }] },
  { name: 'bash', weight: 80, answers: [bash('echo hello'), { text: 'done' }] },
  { name: 'sleep', weight: 10, answers: [bash('sleep 30'), { text: 'done' }] },
  {
    name: 'deny',
    weight: 40,
    answers: [{ toolUse: { name: 'Write', input: { file: 'a' } } }, { text: 'no' }],
  },
  { name: 'dear', weight: 60, answers: [{ text: 'gold', usage: { outputTokens: 30_000 } }] },
  { name: 'empty', weight: 20, answers: [{ text: '' }] },
  { name: 'cut', weight: 20, answers: [{ text: 'cut', stopReason: 'max_tokens' }] },
  { name: 'refuse', weight: 20, answers: [{ text: 'no', stopReason: 'refusal' }] },
  { name: 'invalid', weight: 20, answers: [{ status: 400 }] },
  { name: 'missing', weight: 10, answers: [{ status: 404 }] },
  { name: 'large', weight: 10, answers: [{ status: 413 }] },
  { name: 'server', weight: 20, answers: [{ status: 500 }] },
  { name: 'overload', weight: 20, answers: [{ status: 529 }] },
  { name: 'hiccup', weight: 40, answers: [{ status: 529 }, { echo: true }] },
  { name: 'dropBefore', weight: 20, answers: [{ drop: 'before' }] },
  { name: 'dropMid', weight: 20, answers: [{ drop: 'midStream' }] },
  { name: 'silence', weight: 12, answers: [{ silence: true }] },
  { name: 'crashBefore', weight: 14, answers: [{ crash: 'beforeResult', exitCode: 3, stderr: 'boom' }] },
  { name: 'crashMid', weight: 14, answers: [{ crash: 'midStream' }] },
  { name: 'crashAfter', weight: 14, answers: [{ crash: 'afterResult' }] },
  { name: 'hangBefore', weight: 10, answers: [{ hang: 'beforeResult' }] },
  { name: 'hangAfter', weight: 10, answers: [{ hang: 'afterResult' }] },
  { name: 'grandchild', weight: 20, answers: [{ grandchild: true, seconds: 600 }] },
  { name: 'malformed', weight: 20, answers: [{ malformedLine: '{"type":"resul' }] },
  { name: 'huge', weight: 6, answers: [{ hugeLineBytes: 1_000_000 }] },
  { name: 'strange', weight: 10, answers: [{ result: { subtype: 'error_of_the_future', is_error: true } }] },
];

export const SCRIPT: Script = { rules: PLAYS.map(ruleOf) };

/** Prompts, as often as their plays weigh. */
export const prompts: fc.Arbitrary<string> = fc.oneof(
  ...PLAYS.map(({ name, weight }) => ({ arbitrary: fc.constant(promptOf(name)), weight })),
);

export const PLAIN_PROMPT = promptOf('echo');

function promptOf(name: string): string {
  return `[play ${name}]`;
}

function ruleOf({ name, answers, times = Infinity }: Play): Rule {
  return { when: promptOf(name), answers, ...(times < Infinity && { times }) };
}

function bash(command: string): Answer {
  return { toolUse: { name: 'Bash', input: { command } } };
}
