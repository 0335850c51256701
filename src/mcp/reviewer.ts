import type { Server } from '@modelcontextprotocol/sdk/server/index.js';
import { z } from 'zod';
import type { Pool, TaskInfo } from '../index.ts';

/** How a person decided; `undecided` when nobody could or would. */
export type Decision = 'approved' | 'rejected' | 'undecided';

/** Asks the person behind the client. */
export interface Reviewer {
  /** Asks once for each result, however often it is called, and carries the answer out. */
  decide(task: TaskInfo): Promise<Decision>;
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
  const asked = new Map<string, Promise<Decision>>();

  async function ask(task: TaskInfo): Promise<Decision> {
    if (server.getClientCapabilities()?.elicitation === undefined) return 'undecided';
    const { action, content } = await server.elicitInput(
      { message: questionAbout(task), requestedSchema: FORM },
      { timeout: PATIENCE_MS },
    );
    const answer = answerSchema.safeParse(content);
    if (action !== 'accept' || !answer.success) return 'undecided';
    return carryOut(task.id, answer.data);
  }

  async function carryOut(
    taskId: string,
    { decision, feedback = '' }: z.output<typeof answerSchema>,
  ): Promise<Decision> {
    if (decision === 'later') return 'undecided';
    if (decision === 'approve') {
      await pool.approveResult(taskId);
      return 'approved';
    }
    await pool.rejectResult(taskId, feedback.trim() || 'Rejected without a reason.');
    return 'rejected';
  }

  return {
    decide(task) {
      const key = `${task.id} ${task.feedback.length}`;
      const known = asked.get(key);
      if (known !== undefined) return known;
      const decision = ask(task)
        .catch((): Decision => 'undecided')
        .finally(() => asked.delete(key));
      asked.set(key, decision);
      return decision;
    },
  };
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
