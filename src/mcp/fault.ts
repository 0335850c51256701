import { z } from 'zod';
import { PoolError } from '../index.ts';
import { remedyFor } from './remedy-for.ts';

/** What is told of an error. */
export const faultSchema = z.object({
  code: z.string().describe('A code of PoolError, or INTERNAL.'),
  message: z.string(),
  remedy: z.string().describe('What to do.'),
  task_id: z.string().optional(),
  verdict: z.string().optional(),
  output: z.string().optional().describe('What Claude had written by then.'),
  stderr: z.string().optional(),
});

export type Fault = z.output<typeof faultSchema>;

export function faultOf(error: unknown): Fault {
  if (!(error instanceof PoolError)) return internal(error);
  const { code, message, taskId, verdict, report } = error;
  const output = report?.partialText ?? report?.evidence.result?.text;
  return {
    code,
    message,
    remedy: remedyFor(code, verdict),
    ...(taskId !== undefined && { task_id: taskId }),
    ...(verdict !== undefined && { verdict }),
    ...(output !== undefined && output !== '' && { output }),
    ...(report?.stderrTail !== undefined && report.stderrTail !== '' && { stderr: report.stderrTail }),
  };
}

function internal(error: unknown): Fault {
  const message = error instanceof Error ? error.message : String(error);
  return { code: 'INTERNAL', message, remedy: remedyFor('INTERNAL') };
}
