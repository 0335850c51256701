import { z } from 'zod';
import { parse } from '../parse.ts';
import { LONGEST_TIMER_MS } from '../world.ts';

/** How Claude is started and how patiently it is waited for. */
export interface ClaudeOptions {
  /** The program: a path, or a name that is looked up on the `PATH`. @default 'claude' */
  readonly command?: string;
  /** Arguments before those of the driver, such as the script when `command` is `node`. @default [] */
  readonly args?: readonly string[];
  /** Added to the allow-listed environment; `undefined` removes a variable. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Working directory of sessions whose launch names none. @default process.cwd() */
  readonly cwd?: string;
  /** How long a new process may take to get ready, in milliseconds. @default 60000 */
  readonly readyTimeoutMs?: number;
  /** How long a control request may stay unanswered, in milliseconds. @default 5000 */
  readonly controlTimeoutMs?: number;
  /** How long an interrupted turn may take to end, in milliseconds. @default 2000 */
  readonly interruptTimeoutMs?: number;
  /** How long each step of closing may take before the next, harder one, in milliseconds. @default 2000 */
  readonly closeTimeoutMs?: number;
}

const milliseconds = z.number().positive().max(LONGEST_TIMER_MS);

export const claudeOptionsSchema = z.strictObject({
  command: z.string().min(1).default('claude'),
  args: z.array(z.string()).readonly().default([]),
  env: z.record(z.string(), z.string().optional()).default({}),
  cwd: z
    .string()
    .min(1)
    .default(() => process.cwd()),
  readyTimeoutMs: milliseconds.default(60_000),
  controlTimeoutMs: milliseconds.default(5_000),
  interruptTimeoutMs: milliseconds.default(2_000),
  closeTimeoutMs: milliseconds.default(2_000),
});

export type ClaudeSettings = Readonly<z.output<typeof claudeOptionsSchema>>;

export function parseClaudeOptions(options: ClaudeOptions): ClaudeSettings {
  return parse(z.strictObject({ claude: claudeOptionsSchema }), { claude: options }).claude;
}
