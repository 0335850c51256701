import { z } from 'zod';
import type { ResultEvidence } from '../../machines/types.ts';
import { lenient } from './lenient.ts';
import { lenientModelSpends, lenientUsage } from './tokens.ts';

const denials = z.array(
  z
    .object({ tool_name: z.string(), tool_use_id: z.string().catch('') })
    .transform((denial) => ({ toolName: denial.tool_name, toolUseId: denial.tool_use_id })),
);

export const resultSchema = z
  .object({
    type: z.literal('result'),
    uuid: lenient(z.string()),
    subtype: z.string().catch('unknown'),
    is_error: z.boolean().catch(false),
    api_error_status: lenient(z.number()),
    terminal_reason: lenient(z.string()),
    stop_reason: lenient(z.string()),
    result: lenient(z.string()),
    errors: z.array(z.string()).catch([]),
    num_turns: z.number().catch(0),
    permission_denials: denials.catch([]),
    structured_output: z.unknown().optional(),
    session_id: lenient(z.string()),
    total_cost_usd: lenient(z.number()),
    usage: lenientUsage,
    modelUsage: lenientModelSpends,
    model_usage_since_last_result: lenientModelSpends,
    user_message_uuids: lenient(z.array(z.string())),
    origin: lenient(z.object({ kind: z.string().catch('unknown') })),
  })
  .transform((line) => ({
    type: line.type,
    id: line.uuid,
    evidence: evidenceOf(line),
    sessionId: line.session_id,
    totalUsd: line.total_cost_usd,
    usage: line.usage,
    models: line.modelUsage,
    modelsSinceLastResult: line.model_usage_since_last_result,
    answers: line.user_message_uuids,
    isSpontaneous: line.origin !== undefined,
  }));

export type ResultLine = z.output<typeof resultSchema>;

interface RawResult {
  readonly subtype: string;
  readonly is_error: boolean;
  readonly api_error_status: number | undefined;
  readonly terminal_reason: string | undefined;
  readonly stop_reason: string | undefined;
  readonly result: string | undefined;
  readonly errors: readonly string[];
  readonly num_turns: number;
  readonly permission_denials: ResultEvidence['denials'];
  readonly structured_output?: unknown;
}

function evidenceOf(line: RawResult): ResultEvidence {
  return {
    subtype: line.subtype,
    isError: line.is_error,
    ...(line.api_error_status !== undefined && { apiErrorStatus: line.api_error_status }),
    ...(line.terminal_reason !== undefined && { terminalReason: line.terminal_reason }),
    ...(line.stop_reason !== undefined && { stopReason: line.stop_reason }),
    ...(line.result !== undefined && { text: line.result }),
    errors: line.errors,
    turns: line.num_turns,
    denials: line.permission_denials,
    ...(line.structured_output !== undefined && { structuredOutput: line.structured_output }),
  };
}
