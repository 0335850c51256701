import * as fc from 'fast-check';

/** How a run that failed is seen again. */
export interface Replay {
  readonly seed: number;
  readonly path: string;
  readonly replayPath?: string;
}

/** Asserts a property; a failure ends with a line that plays it again, from `POOL_REPLAY` in the environment. */
export async function assertReplayable<Values>(
  property: fc.IAsyncProperty<Values>,
  parameters: fc.Parameters<Values>,
): Promise<void> {
  const details = await fc.check(property, parameters);
  if (!details.failed) return;
  const { seed, counterexamplePath, counterexample } = details;
  const replayPath = /replayPath="([^"]*)"/.exec(fc.stringify(counterexample))?.[1];
  const replay = { seed, path: counterexamplePath ?? '', ...(replayPath !== undefined && { replayPath }) };
  const message = await fc.asyncDefaultReportMessage(details);
  throw new Error(
    `${message}\nTo see it again: POOL_REPLAY='${JSON.stringify(replay)}' npm test -- interleavings`,
    { cause: details.errorInstance },
  );
}

export function replayFrom(text: string | undefined): Replay | undefined {
  return text === undefined ? undefined : JSON.parse(text);
}
