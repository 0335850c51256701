import type { Approvals } from './desk.ts';

/** What a client is told of the server as a whole. */
export function instructions(approvals: Approvals): string {
  const review =
    approvals === 'human'
      ? 'Results of `pool_submit_with_review` are approved by a person, not by you: `pool_wait` asks them where it can.'
      : 'Check results of `pool_submit_with_review`, then approve them, or reject them with feedback.';
  return `A pool of warm Claude sessions (slots) that work for you.

- One task whose answer you need now: \`pool_run\`. One that may run on its own: \`pool_submit\`, later \`pool_wait\`.
- Several independent tasks: \`pool_fan_out\`. Steps that build on each other: \`pool_chain\`.
- No call lasts a minute. When an answer has \`next\`, the work goes on: call \`pool_wait\` with its \`task_id\`. Do not ask in a loop without it.
- A task knows nothing of this conversation: give it files, facts and what the answer should look like.
- Take haiku for bounded work, sonnet for several files, opus for hard problems. Small things that you can do at once, do yourself.
- ${review}
- An error has a \`code\` and a \`remedy\`. Money is in US dollars; \`pool_status\` tells what is left.`;
}
