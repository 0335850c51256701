import type { AnswerBlock, ModelAnswer, Tokens } from './fake-api-message.ts';

/** One server-sent event of the Messages API. */
export interface StreamEvent {
  readonly type: string;
  /** True for a piece of text that has another one before it. */
  readonly afterPause?: boolean;
  readonly fields: object;
}

/** The events of a streamed answer, in order. */
export function streamEvents(answer: ModelAnswer): readonly StreamEvent[] {
  return [
    { type: 'message_start', fields: { message: openMessage(answer) } },
    ...answer.blocks.flatMap(blockEvents),
    { type: 'message_delta', fields: messageDelta(answer) },
    { type: 'message_stop', fields: {} },
  ];
}

/** The whole answer as one object, as the API gives it without streaming. */
export function wholeMessage(answer: ModelAnswer): object {
  return {
    ...openMessage(answer),
    content: answer.blocks.map(wholeBlock),
    stop_reason: answer.stopReason,
    usage: usage(answer.tokens),
  };
}

/** One event as it stands on the wire. */
export function eventText({ type, fields }: StreamEvent): string {
  return `event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`;
}

function openMessage({ id, model, tokens }: ModelAnswer): object {
  return {
    id,
    type: 'message',
    role: 'assistant',
    model,
    content: [],
    stop_reason: null,
    stop_sequence: null,
    usage: usage({ ...tokens, outputTokens: 1 }),
  };
}

function messageDelta({ stopReason, tokens }: ModelAnswer): object {
  return { delta: { stop_reason: stopReason, stop_sequence: null }, usage: usage(tokens) };
}

function usage(tokens: Tokens): object {
  return {
    input_tokens: tokens.inputTokens,
    cache_creation_input_tokens: tokens.cacheWriteTokens,
    cache_read_input_tokens: tokens.cacheReadTokens,
    output_tokens: tokens.outputTokens,
  };
}

function blockEvents(block: AnswerBlock, index: number): readonly StreamEvent[] {
  return [
    { type: 'content_block_start', fields: { index, content_block: openBlock(block) } },
    ...blockDeltas(block).map((delta, piece) => ({
      type: 'content_block_delta',
      afterPause: piece > 0,
      fields: { index, delta },
    })),
    { type: 'content_block_stop', fields: { index } },
  ];
}

function openBlock(block: AnswerBlock): object {
  if (block.type === 'text') return { type: 'text', text: '' };
  return { ...block, input: {} };
}

function blockDeltas(block: AnswerBlock): readonly object[] {
  if (block.type === 'text') return block.pieces.map((text) => ({ type: 'text_delta', text }));
  return [{ type: 'input_json_delta', partial_json: JSON.stringify(block.input) }];
}

function wholeBlock(block: AnswerBlock): object {
  return block.type === 'text' ? { type: 'text', text: block.pieces.join('') } : block;
}
