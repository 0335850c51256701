import { randomUUID } from 'node:crypto';
import { isUsable, seatOf } from '../../machines/floor.ts';
import type { Message } from '../../machines/types.ts';
import type { Pool } from '../api.ts';
import { PoolError } from '../errors.ts';
import type { FacadeParts } from './facade-parts.ts';
import { findSlot } from './fleet.ts';
import { assertOpen } from './assert-open.ts';
import { parseText } from '../options/call-arguments.ts';
import { slotSnapshotOf } from '../views/pool-status.ts';

type Mailbox = Pick<Pool, 'sendMessage' | 'broadcastMessage' | 'readMessages' | 'peekMessages'>;

/** Messages that may wait for one slot. */
const INBOX_LIMIT = 100;

/** The methods that leave messages for slots, and look at them. */
export function mailbox({ actor, now, publish }: FacadeParts): Mailbox {
  function inboxOf(slotId: string): readonly Message[] {
    findSlot(actor, slotId);
    return slotSnapshotOf(actor.getSnapshot(), { slotId })?.context.inbox ?? [];
  }

  /** A slot that has failed or is told to stop has no next task. */
  function assertWorking(slotId: string): void {
    const { state } = findSlot(actor, slotId);
    const seat = seatOf(actor.getSnapshot().context.floor, slotId);
    if (seat !== undefined && isUsable(seat)) return;
    const message = `Expected the id of a slot that will run another task, got \`${slotId}\`, whose state is ${state} and will not be idle again.`;
    throw new PoolError('SLOT_NOT_FOUND', message);
  }

  function assertRoom(slotId: string): void {
    if (inboxOf(slotId).length < INBOX_LIMIT) return;
    const message = `Expected room for a message to \`${slotId}\`, got an inbox of ${INBOX_LIMIT}. Read its messages, or give it a task.`;
    throw new PoolError('INVALID_STATE', message);
  }

  function send(from: string, to: string, text: string): string {
    const at = now();
    const id = ['message', randomUUID()].join('-');
    actor.send({ type: 'message.send', message: { id, from, to, text, at }, at });
    publish({ type: 'slot.messageReceived', slotId: to });
    return id;
  }

  return {
    sendMessage(from, to, text) {
      const content = parseText('text', text);
      const sender = parseText('from', from);
      assertOpen(actor.getSnapshot());
      assertWorking(to);
      assertRoom(to);
      return send(sender, to, content);
    },
    broadcastMessage(from, text) {
      const content = parseText('text', text);
      const sender = parseText('from', from);
      assertOpen(actor.getSnapshot());
      const { seats } = actor.getSnapshot().context.floor;
      const receivers = seats.filter(isUsable).flatMap(({ slotId }) => (slotId === sender ? [] : [slotId]));
      receivers.forEach(assertRoom);
      return receivers.map((to) => send(sender, to, content));
    },
    readMessages(slotId) {
      const messages = inboxOf(slotId);
      actor.send({ type: 'messages.read', slotId, ids: messages.map(({ id }) => id), at: now() });
      publish({ type: 'slot.messagesRead', slotId });
      return messages;
    },
    peekMessages: inboxOf,
  };
}
