import { randomUUID } from 'node:crypto';
import { PoolError } from '../errors.ts';
import type { LiveSession } from './live-session.ts';
import { commandMessage } from './prompt-message.ts';
import type { Line } from './protocol.ts';
import { stopTasks } from './stop-tasks.ts';

/** Empties the conversation. Rejects when Claude does not confirm it with a new id. */
export async function clearConversation(session: LiveSession, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  await stopTasks(session);
  const before = session.conversation().sessionId;
  const messageId = randomUUID();
  const answered = resultOf(session, messageId, signal);
  session.send(commandMessage('/clear', messageId));
  await answered;
  const { sessionId } = session.conversation();
  if (sessionId !== undefined && sessionId !== before) return;
  const message = `Expected \`/clear\` to start a new conversation, got \`${String(sessionId)}\` again. Close the session.`;
  throw new PoolError('CLAUDE_PROTOCOL', message);
}

function resultOf(session: LiveSession, messageId: string, signal: AbortSignal): Promise<void> {
  const timeoutMs = session.settings.controlTimeoutMs;
  return new Promise<void>((resolve, reject) => {
    const late = setTimeout(() => fail('TIMEOUT', `no answer within ${timeoutMs} ms`), timeoutMs);
    const deafen = session.listen((line) => (answers(line, messageId) ? settle(resolve) : undefined));
    const forget = session.onExit(() => fail('CLAUDE_PROTOCOL', 'the end of its process'));
    const cancel = () => settle(() => reject(signal.reason));
    signal.addEventListener('abort', cancel);

    function fail(code: 'TIMEOUT' | 'CLAUDE_PROTOCOL', got: string): void {
      settle(() =>
        reject(new PoolError(code, `Expected Claude to obey \`/clear\`, got ${got}. Close the session.`)),
      );
    }

    function settle(by: () => void): void {
      clearTimeout(late);
      deafen();
      forget();
      signal.removeEventListener('abort', cancel);
      by();
    }
  });
}

function answers(line: Line, messageId: string): boolean {
  return line.type === 'result' && !line.isSpontaneous && (line.answers ?? [messageId]).includes(messageId);
}
