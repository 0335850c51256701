import type { Integration } from '../workspaces/port.ts';

type Refusal = Exclude<Integration, { readonly status: 'merged' }>;

export interface Obstacle {
  /** For the caller. */
  readonly message: string;
  /** For Claude: what stands in the way, and what to do. */
  readonly feedback: string;
}

/** Why work was not merged. */
export function obstacleOf(refusal: Refusal, verify: readonly string[] = []): Obstacle {
  const into = `\`${refusal.into}\``;
  const rebase = `Commit your work, then rebase it on ${into}: \`git rebase ${refusal.into}\``;
  if (refusal.status === 'conflict') {
    const files = refusal.files.map((file) => `\`${file}\``).join(', ');
    return {
      message: `Expected the work to fit into ${into}, and these files conflict: ${files}. Nothing was merged.`,
      feedback: `The work does not fit into ${into}. These files conflict: ${files}. ${rebase}. Resolve the conflicts so that both sides keep what they are for.`,
    };
  }
  if (refusal.status === 'diverged') {
    return {
      message: `Expected the work to stand on ${into}, which has commits of its own. Nothing was merged.`,
      feedback: `${into} has commits that the work does not stand on. ${rebase}.`,
    };
  }
  const command = `\`${verify.join(' ')}\``;
  const last = `\n${refusal.output}\n`;
  return {
    message: `Expected ${command} to succeed on the work merged into ${into}, and it did not. Nothing was merged.${last}`,
    feedback: `Merged into ${into}, the work does not pass ${command}:${last}${rebase}, and mend what fails.`,
  };
}
