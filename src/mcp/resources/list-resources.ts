import type { Resource, ResourceTemplate } from '@modelcontextprotocol/sdk/types.js';
import type { Pool } from '../../index.ts';

const mimeType = 'application/json';

/** The resources that have no gaps, and one for each slot. */
export function listResources(pool: Pool): Resource[] {
  return [
    ...FIXED,
    ...pool.status().slots.map(({ id, name = id }) => ({
      uri: `pool://slots/${id}`,
      name: `slot ${id}`,
      title: `Slot ${name}`,
      mimeType,
    })),
  ];
}

const FIXED: readonly Resource[] = [
  {
    uri: 'pool://status',
    name: 'status',
    title: 'Status',
    description: 'Slots, tasks and limits.',
    mimeType,
  },
  { uri: 'pool://slots', name: 'slots', title: 'Slots', description: 'All slots.', mimeType },
  { uri: 'pool://budget', name: 'budget', title: 'Budget', description: 'What is spent and left.', mimeType },
  {
    uri: 'pool://context',
    name: 'context',
    title: 'Shared context',
    description: 'What every task is told.',
    mimeType,
  },
];

export const RESOURCE_TEMPLATES: ResourceTemplate[] = [
  { uriTemplate: 'pool://slots/{id}', name: 'slot', title: 'One slot', mimeType },
  { uriTemplate: 'pool://results/{id}', name: 'result', title: 'One task with its result', mimeType },
  { uriTemplate: 'pool://chains/{id}', name: 'chain', title: 'One chain with its steps', mimeType },
];
