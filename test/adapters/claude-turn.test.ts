import { expect, test } from 'vitest';
import { answerControlRequest } from '../../src/claude/answer-control-request.ts';
import { controlChannel } from '../../src/claude/control.ts';
import { follow } from '../../src/claude/conversation.ts';
import type { Conversation } from '../../src/claude/conversation.ts';
import { parseLine } from '../../src/claude/protocol.ts';
import type { Line } from '../../src/claude/protocol.ts';
import { openMeter } from '../../src/claude/spend-meter.ts';
import { record, startRecord } from '../../src/claude/turn-record.ts';
import { PoolError } from '../../src/errors.ts';

const NOW = 1_000_000;

test('a result that answers another message is not the result of the turn', () => {
  const seen = recordOf(result({ result: 'theirs', user_message_uuids: ['other'] }));

  expect(seen.result).toBeUndefined();
});

test('a turn that the CLI began itself before the answer is not the result of the turn', () => {
  const seen = recordOf(result({ result: 'theirs', origin: { kind: 'task-notification' } }));

  expect(seen.result).toBeUndefined();
});

test('when the CLI goes on after the answer, the last result is the answer', () => {
  const seen = recordOf(
    result({ result: 'started', user_message_uuids: ['mine'] }),
    result({ result: 'done', origin: { kind: 'task-notification' } }),
  );

  expect(seen.result?.text).toBe('done');
});

test('a long delay before the first retry is the time that the API asked for', () => {
  const seen = recordOf(retry({ attempt: 1, retry_delay_ms: 7000, error_status: 429 }));

  expect([seen.lastRetryStatus, seen.resetsAt]).toEqual([429, NOW + 7000]);
});

test('a backoff of the CLI itself says nothing about the limit', () => {
  const seen = recordOf(
    retry({ attempt: 1, retry_delay_ms: 563.4, error_status: 429 }),
    retry({ attempt: 6, retry_delay_ms: 19_000, error_status: 429 }),
  );

  expect([seen.lastRetryStatus, seen.resetsAt]).toEqual([429, undefined]);
});

test('a usage limit that was only warned of is no limit', () => {
  expect([recordOf(limit('allowed_warning')).resetsAt, recordOf(limit('rejected')).resetsAt]).toEqual([
    undefined,
    9000,
  ]);
});

test('only the main conversation is partial text, and not without end', () => {
  const seen = recordOf(text('mine'), text('theirs', 'toolu_1'), text('x'.repeat(2_000_000)));

  expect([seen.partialText.slice(0, 6), seen.partialText.length]).toEqual(['minexx', 1_000_000]);
});

test('the size of a conversation is that of the main agent, also when its answer is cut short', () => {
  const seen = recordOf(
    usage('message_start', { input_tokens: 100, cache_read_input_tokens: 900, output_tokens: 1 }),
    usage('message_delta', { output_tokens: 50 }),
    usage('message_start', { input_tokens: 7 }, 'toolu_1'),
    usage('message_delta', { output_tokens: 8 }, 'toolu_1'),
  );
  const cut = record(seen, usage('message_start', { input_tokens: 30, output_tokens: 1 }), NOW);

  expect([seen.context, cut.context]).toEqual([
    { input: 100, output: 50, cacheRead: 900, cacheWrite: 0 },
    { input: 30, output: 1, cacheRead: 0, cacheWrite: 0 },
  ]);
});

test('background tasks are open until their end is told', () => {
  const lines = [
    { subtype: 'task_started', task_id: 'a' },
    { subtype: 'task_started', task_id: 'b' },
    { subtype: 'task_notification', task_id: 'a', status: 'completed' },
    { subtype: 'background_tasks_changed', tasks: [] },
  ].map((fields) => line({ type: 'system', ...fields }));
  const counts: number[] = [];

  lines.reduce((conversation, next) => {
    const followed = follow(conversation, next);
    counts.push(followed.openTasks.size);
    return followed;
  }, emptyConversation());

  expect(counts).toEqual([1, 2, 1, 0]);
});

test('nobody is there to permit a tool, and nothing waits for an answer', () => {
  expect(answerControlRequest({ requestId: 'r', subtype: 'can_use_tool' })).toMatchObject({
    response: { subtype: 'success', request_id: 'r', response: { behavior: 'deny' } },
  });
  expect(answerControlRequest({ requestId: 'r', subtype: 'hook_callback' })).toMatchObject({
    response: { subtype: 'error', request_id: 'r' },
  });
});

test('a control request is answered, refused, late or left alone', async () => {
  const sent: string[] = [];
  const control = controlChannel((message) => sent.push(JSON.parse(JSON.stringify(message)).request_id));
  const ask = (timeoutMs: number) => control.request({ subtype: 'ping' }, timeoutMs).catch(codeOf);
  const answers = [ask(60_000), ask(60_000), ask(1), ask(60_000)];

  control.settle({ requestId: sent[0] ?? '', answer: 'pong', refusal: undefined });
  control.settle({ requestId: sent[1] ?? '', refusal: 'no' });
  control.settle({ requestId: 'nobody asked', answer: 'pong', refusal: undefined });
  await answers[2];
  control.fail(new PoolError('POOL_CLOSED', 'Gone.'));

  expect(await Promise.all(answers)).toEqual(['pong', 'CLAUDE_PROTOCOL', 'TIMEOUT', 'POOL_CLOSED']);
});

function recordOf(...lines: readonly Line[]) {
  return lines.reduce((seen, next) => record(seen, next, NOW), startRecord('mine'));
}

function line(fields: object): Line {
  return parseLine(JSON.stringify(fields));
}

function result(fields: object): Line {
  return line({ type: 'result', subtype: 'success', is_error: false, ...fields });
}

function retry(fields: object): Line {
  return line({ type: 'system', subtype: 'api_retry', ...fields });
}

function limit(status: string): Line {
  return line({ type: 'rate_limit_event', rate_limit_info: { status, resetsAt: 9 } });
}

function text(words: string, agent: string | null = null): Line {
  const event = { type: 'content_block_delta', delta: { type: 'text_delta', text: words } };
  return line({ type: 'stream_event', event, parent_tool_use_id: agent });
}

function usage(type: string, counts: object, agent: string | null = null): Line {
  return line({
    type: 'stream_event',
    event: { type, usage: counts, message: { usage: counts } },
    parent_tool_use_id: agent,
  });
}

function emptyConversation(): Conversation {
  return { sessionId: undefined, model: undefined, openTasks: new Set(), meter: openMeter() };
}

function codeOf(error: unknown): unknown {
  return error instanceof PoolError ? error.code : error;
}
