import type { Server } from '@modelcontextprotocol/sdk/server/index.js';
import { z } from 'zod';
import type { Pool, PoolEvent, TaskInfo } from '../index.ts';

/** Asks the person behind the client. */
export interface Reviewer {
  /**
   * Asks once for each result, however often it is called, and carries the answer out. The question is taken back when
   * the result is decided elsewhere. Tells whether it is decided.
   */
  decide(task: TaskInfo): Promise<boolean>;
}

/** People are slow: the question stays open when the call that asked it has long been answered. */
const PATIENCE_MS = 30 * 60_000;
const SHOWN_CHARACTERS = 4_000;

const answerSchema = z.object({
  decision: z.enum(['approve', 'reject', 'later']),
  feedback: z.string().optional(),
});

/** A reviewer who asks through elicitation, where the client can. */
export function reviewer(pool: Pool, server: Server): Reviewer {
  const asked = new Map<string, Promise<boolean>>();

  async function ask(task: TaskInfo): Promise<boolean> {
    if (server.getClientCapabilities()?.elicitation === undefined) return false;
    const elsewhere = new AbortController();
    const stop = pool.on('event', (event) => {
      if (isDecision(event, task.id)) elsewhere.abort();
    });
    try {
      const { action, content } = await server.elicitInput(
        { message: questionAbout(task), requestedSchema: FORM },
        { timeout: PATIENCE_MS, signal: elsewhere.signal },
      );
      const answer = answerSchema.safeParse(content);
      return action === 'accept' && answer.success && (await carryOut(task.id, answer.data));
    } catch {
      return elsewhere.signal.aborted;
    } finally {
      stop();
    }
  }

  async function carryOut(
    taskId: string,
    { decision, feedback = '' }: z.output<typeof answerSchema>,
  ): Promise<boolean> {
    if (decision === 'approve') await pool.approveResult(taskId);
    if (decision === 'reject')
      await pool.rejectResult(taskId, feedback.trim() || 'Rejected without a reason.');
    return decision !== 'later';
  }

  return {
    decide(task) {
      const key = `${task.id} ${task.feedback.length}`;
      const known = asked.get(key);
      if (known !== undefined) return known;
      const isDecided = ask(task).finally(() => asked.delete(key));
      asked.set(key, isDecided);
      return isDecided;
    },
  };
}

function isDecision(event: PoolEvent, id: string): boolean {
  return 'taskId' in event && event.taskId === id && /^task\.(?!pendingReview)/.test(event.type);
}

const FORM = {
  type: 'object' as const,
  properties: {
    decision: {
      type: 'string' as const,
      title: 'Decision',
      description: 'Approve the result, send it back with feedback, or decide later.',
      enum: ['approve', 'reject', 'later'],
    },
    feedback: {
      type: 'string' as const,
      title: 'Feedback',
      description: 'What a rejected result lacks.',
    },
  },
  required: ['decision'],
};

function questionAbout({ id, prompt, result }: TaskInfo): string {
  const output = result?.output ?? '';
  return [
    `The result of ${id} waits for your review.`,
    `Task: ${shortened(prompt)}`,
    `Result: ${shortened(output)}`,
  ].join('\n\n');
}

function shortened(text: string): string {
  return text.length <= SHOWN_CHARACTERS ? text : `${text.slice(0, SHOWN_CHARACTERS)} …`;
}
