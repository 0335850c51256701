import { z } from 'zod';
import { lenient } from './lenient.ts';

const initSchema = z
  .object({ subtype: z.literal('init'), session_id: z.string(), model: lenient(z.string()) })
  .transform((line) => ({ type: 'turnBegan' as const, sessionId: line.session_id, model: line.model }));

const retrySchema = z
  .object({
    subtype: z.literal('api_retry'),
    attempt: z.number().catch(1),
    retry_delay_ms: z.number().catch(0),
    error_status: lenient(z.number()),
  })
  .transform((line) => ({
    type: 'retry' as const,
    attempt: line.attempt,
    delayMs: Math.round(line.retry_delay_ms),
    status: line.error_status,
  }));

const taskStartedSchema = z
  .object({ subtype: z.literal('task_started'), task_id: z.string() })
  .transform((line) => ({ type: 'taskStarted' as const, taskId: line.task_id }));

const taskEndedSchema = z
  .object({
    subtype: z.literal('task_notification'),
    task_id: z.string(),
    status: z.string().catch('completed'),
  })
  .transform((line) => ({ type: 'taskEnded' as const, taskId: line.task_id, status: line.status }));

const tasksChangedSchema = z
  .object({
    subtype: z.literal('background_tasks_changed'),
    tasks: z.array(z.object({ task_id: z.string() })),
  })
  .transform((line) => ({ type: 'tasksChanged' as const, taskIds: line.tasks.map((task) => task.task_id) }));

const requestingSchema = z
  .object({ subtype: z.literal('status'), status: z.literal('requesting') })
  .transform(() => ({ type: 'requesting' as const }));

const otherSchema = z
  .object({ subtype: z.string().catch('') })
  .transform((line) => ({ type: 'unknown' as const, name: `system/${line.subtype}` }));

export const systemSchema = z.union([
  initSchema,
  retrySchema,
  taskStartedSchema,
  taskEndedSchema,
  tasksChangedSchema,
  requestingSchema,
  otherSchema,
]);
