import type { ReadResourceResult } from '@modelcontextprotocol/sdk/types.js';
import { PoolError } from '../../index.ts';
import type { Pool } from '../../index.ts';
import type { Desk } from '../desk.ts';
import { outcomeOf, taskNamed } from '../outcome.ts';
import { wire } from '../wire.ts';

/** The content of one resource of the pool. */
export async function readResource(uri: string, desk: Desk): Promise<ReadResourceResult> {
  const text = JSON.stringify(await contentOf(uri, desk));
  return { contents: [{ uri, mimeType: 'application/json', text }] };
}

function contentOf(uri: string, desk: Desk): unknown {
  const { pool } = desk;
  const [, kind = '', id = ''] = /^pool:\/\/([a-z]+)(?:\/([^/]+))?$/.exec(uri) ?? [];
  if (kind === 'slots' && id !== '') return wire(slotNamed(id, pool));
  if (kind === 'results' && id !== '') return resultNamed(id, desk);
  if (kind === 'chains' && id !== '') return wire(pool.chainResult(id));
  if (id === '' && kind === 'status') return wire(pool.status());
  if (id === '' && kind === 'slots') return wire(pool.status().slots);
  if (id === '' && kind === 'budget') return budgetOf(pool);
  if (id === '' && kind === 'context') return pool.contextList();
  throw new PoolError(
    'INVALID_OPTIONS',
    `Expected the URI of a resource of the pool, got \`${uri}\`. List them.`,
  );
}

function slotNamed(id: string, pool: Pool) {
  const slot = pool.status().slots.find((each) => each.id === id);
  if (slot !== undefined) return slot;
  throw new PoolError('SLOT_NOT_FOUND', `Expected the id of a slot, got \`${id}\`.`);
}

async function resultNamed(id: string, desk: Desk): Promise<unknown> {
  const outcome = await outcomeOf(desk, id);
  const task = taskNamed(desk, id);
  if (task === undefined) return outcome;
  const { prompt, tags, submittedAt, feedback } = task;
  return { ...outcome, prompt, tags, submitted_at: submittedAt, feedback };
}

function budgetOf(pool: Pool): unknown {
  const {
    budgetUsd: total,
    spendUsd: spent,
    reservedUsd: reserved,
    remainingUsd: remaining,
    slots,
  } = pool.status();
  const bySlot = Object.fromEntries(slots.map(({ id, spendUsd }) => [id, spendUsd]));
  return {
    total_usd: total ?? null,
    spent_usd: spent,
    reserved_usd: reserved,
    remaining_usd: remaining ?? null,
    by_slot: bySlot,
  };
}
