import type { Desk } from './desk.ts';
import type { Tool } from './tool.ts';
import { chainTools } from './tools/chain-tools.ts';
import { contextTools } from './tools/context-tools.ts';
import { messageTools } from './tools/message-tools.ts';
import { reviewTools } from './tools/review-tools.ts';
import { routingTools } from './tools/routing-tools.ts';
import { runTools } from './tools/run-tools.ts';
import { skillTools } from './tools/skill-tools.ts';
import { slotTools } from './tools/slot-tools.ts';
import { statusTools } from './tools/status-tools.ts';
import { taskTools } from './tools/task-tools.ts';

/** How many tools an agent is shown: about ten that suffice for most work, or all. */
export type ToolChoice = 'core' | 'all';

const CORE = new Set([
  'pool_run',
  'pool_submit',
  'pool_fan_out',
  'pool_chain',
  'pool_wait',
  'pool_result',
  'pool_cancel',
  'pool_list_tasks',
  'pool_status',
  'pool_submit_with_review',
  'pool_approve_result',
  'pool_reject_result',
]);

/** The tools by their names. */
export function toolsOf(desk: Desk, choice: ToolChoice): ReadonlyMap<string, Tool> {
  const all = [
    ...runTools(desk),
    ...taskTools(desk),
    ...chainTools(desk),
    ...reviewTools(desk),
    ...statusTools(desk),
    ...skillTools(desk),
    ...routingTools(desk),
    ...slotTools(desk),
    ...messageTools(desk),
    ...contextTools(desk),
  ].map((tool) => [tool.definition.name, tool] as const);
  return new Map(choice === 'all' ? all : all.filter(([name]) => CORE.has(name)));
}
