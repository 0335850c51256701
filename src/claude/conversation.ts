import type { Line } from './protocol.ts';
import { bookResult } from './spend-meter.ts';
import type { SpendMeter } from './spend-meter.ts';

/** What is known of a session between and during its turns. */
export interface Conversation {
  readonly sessionId: string | undefined;
  readonly model: string | undefined;
  readonly openTasks: ReadonlySet<string>;
  readonly meter: SpendMeter;
}

/** What a line changes. */
export function follow(conversation: Conversation, line: Line): Conversation {
  const { openTasks } = conversation;
  switch (line.type) {
    case 'turnBegan':
      return { ...conversation, sessionId: line.sessionId, model: line.model ?? conversation.model };
    case 'result': {
      const meter = bookResult(conversation.meter, line);
      return { ...conversation, meter, sessionId: line.sessionId ?? conversation.sessionId };
    }
    case 'taskStarted':
      return { ...conversation, openTasks: new Set([...openTasks, line.taskId]) };
    case 'taskEnded':
      return { ...conversation, openTasks: new Set([...openTasks].filter((id) => id !== line.taskId)) };
    case 'tasksChanged':
      return { ...conversation, openTasks: new Set(line.taskIds) };
    default:
      return conversation;
  }
}
