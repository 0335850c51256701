import type { Pool } from '../index.ts';
import type { Reviewer } from './reviewer.ts';

/** Who may approve the results that wait for review: people only, or the agent that uses the tools too. */
export type Approvals = 'human' | 'agent';

/** What the tools work with. */
export interface Desk {
  readonly pool: Pool;
  readonly approvals: Approvals;
  readonly reviewer: Reviewer;
  /** Whether anybody can decide about a result that waits for review. */
  readonly canBeReviewed: () => boolean;
  /** Tells the client that there are other prompts now. */
  readonly promptsChanged: () => void;
  /** Whether a caller may give tasks MCP servers, and so start programs. */
  readonly allowsMcpServers: boolean;
}
