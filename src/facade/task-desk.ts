import { randomUUID } from 'node:crypto';
import { isEnded } from '../../machines/task-record.ts';
import type { TaskReason, TaskView } from '../../machines/task-types.ts';
import type { Abortable, Pool, ReviewOptions, TaskRequest } from '../api.ts';
import { parseRequests, parseTimeout } from '../options/call-arguments.ts';
import { parseTaskFilter } from '../options/filters.ts';
import { parseTask } from '../options/parse-task.ts';
import { lifecycleOf } from '../views/pool-status.ts';
import { infoOf, outcomeOf, resultOrThrow } from '../views/task-info.ts';
import type { FacadeParts } from './facade-parts.ts';
import type { MergeDesk } from './merge-desk.ts';
import { assertStarts } from './assert-open.ts';
import { owned } from './owned.ts';
import type { TaskRegister } from './task-register.ts';

type TaskDesk = Pick<
  Pool,
  | 'run'
  | 'submit'
  | 'submitWithReview'
  | 'fanOut'
  | 'wait'
  | 'result'
  | 'task'
  | 'tasks'
  | 'output'
  | 'cancel'
>;

type Draft = ReturnType<typeof parseTask>;

/** The methods for prompts and the tasks that they become. */
export function taskDesk(
  { actor, output, book, now, nextSeq, taskDefaults }: FacadeParts,
  { register, merges }: { readonly register: TaskRegister; readonly merges: MergeDesk },
): TaskDesk {
  const { find, tell, ended } = register;

  function parseRequest(prompt: string, { signal: _signal, ...options }: ReviewOptions & Abortable): Draft {
    return parseTask(prompt, options, taskDefaults);
  }

  async function submit(prompt: string, options: ReviewOptions & Abortable = {}): Promise<string> {
    const draft = parseRequest(prompt, options);
    options.signal?.throwIfAborted();
    assertStarts(actor.getSnapshot());
    const id = admit(draft);
    await book.flushed();
    return id;
  }

  function admit({ prompt, options }: Draft): string {
    const id = ['task', randomUUID()].join('-');
    const at = now();
    actor.send({ type: 'task.submit', input: { id, prompt, options, seq: nextSeq(), submittedAt: at }, at });
    return id;
  }

  function endsOf(taskIds: readonly string[], signal: AbortSignal | undefined): Promise<readonly TaskView[]> {
    return owned(() => Promise.all(taskIds.map((taskId) => ended(taskId))), {
      cancel: () => taskIds.forEach(cancel),
      signal,
    });
  }

  function cancel(taskId: string): void {
    tell(taskId, { type: 'task.cancel', at: now(), reason: CANCELLED });
  }

  return {
    async run(prompt, options = {}) {
      const taskId = await submit(prompt, options);
      const [task] = await endsOf([taskId], options.signal);
      return resultOrThrow(task ?? find(taskId));
    },
    submit,
    submitWithReview: (prompt, { maxRejections = 3, ...options } = {}) =>
      submit(prompt, { ...options, maxRejections }),
    async fanOut(requests, { signal, ...shared } = {}) {
      const drafts = parseRequests(requests).map((request) => {
        const { prompt, ...own }: TaskRequest = typeof request === 'string' ? { prompt: request } : request;
        return parseRequest(prompt, { ...shared, ...own });
      });
      signal?.throwIfAborted();
      assertStarts(actor.getSnapshot());
      const ends = await endsOf(drafts.map(admit), signal);
      return ends.map(outcomeOf);
    },
    async wait(taskId, { timeoutMs, signal } = {}) {
      return resultOrThrow(await ended(taskId, { timeoutMs: parseTimeout(timeoutMs), signal }));
    },
    async result(taskId, { signal } = {}) {
      const { state } = find(taskId);
      return isEnded(state) ? resultOrThrow(await ended(taskId, { signal })) : undefined;
    },
    task: (taskId) => infoOf(find(taskId)),
    tasks: (filter = {}) => register.list(parseTaskFilter(filter)).map(infoOf),
    output(taskId, { signal } = {}) {
      const task = find(taskId);
      const isOver = isEnded(task.state) || lifecycleOf(actor.getSnapshot()) === 'drained';
      return isOver ? finalText(task) : output.read(taskId, signal);
    },
    async cancel(taskId, { signal } = {}) {
      find(taskId);
      const merging = merges.stop(taskId);
      if (merging !== undefined) await merging;
      cancel(taskId);
      return infoOf(await ended(taskId, { signal }));
    },
  };
}

const CANCELLED: TaskReason = { code: 'CANCELLED', message: 'The task was cancelled.' };

async function* finalText(task: TaskView): AsyncGenerator<string> {
  const text = task.context.report?.evidence.result?.text ?? '';
  if (text !== '') yield text;
}
