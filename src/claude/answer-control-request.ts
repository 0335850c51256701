export interface IncomingRequest {
  readonly requestId: string;
  readonly subtype: string;
}

/** Answers what the CLI asks of its host. Without an answer it would wait for ever. */
export function answerControlRequest({ requestId, subtype }: IncomingRequest): object {
  if (subtype === 'can_use_tool') {
    const response = { behavior: 'deny', message: 'There is nobody to ask for permission.' };
    return controlResponse({ subtype: 'success', request_id: requestId, response });
  }
  const error = `claude-pool does not answer \`${subtype}\`.`;
  return controlResponse({ subtype: 'error', request_id: requestId, error });
}

function controlResponse(response: object): object {
  return { type: 'control_response', response };
}
