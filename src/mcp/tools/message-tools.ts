import { z } from 'zod';
import type { Desk } from '../desk.ts';
import { ADDS, ENDS, READS, tool } from '../tool.ts';
import type { Tool } from '../tool.ts';
import { wireObject } from '../wire.ts';

const senderField = z
  .string()
  .min(1)
  .default('coordinator')
  .describe('Who writes: a slot or any other name.');
const contentField = z.string().min(1);
const messagesSchema = z.object({
  messages: z.array(z.looseObject({ id: z.string(), from: z.string(), to: z.string(), text: z.string() })),
});

/** Tools for messages: a slot reads them with its next task. */
export function messageTools({ pool }: Desk): readonly Tool[] {
  const send = tool({
    name: 'pool_send_message',
    title: 'Send a message',
    description: 'Leaves a message for a slot, to be delivered with its next task.',
    annotations: ADDS,
    input: z.strictObject({
      from: senderField,
      to: z.string().min(1).describe('Id of a slot.'),
      content: contentField,
    }),
    output: z.object({ message_id: z.string() }),
    run: ({ from, to, content }) => ({ message_id: pool.sendMessage(from, to, content) }),
  });
  const broadcast = tool({
    name: 'pool_broadcast',
    title: 'Broadcast a message',
    description: 'Leaves a message for every slot but the sender.',
    annotations: ADDS,
    input: z.strictObject({ from: senderField, content: contentField }),
    output: z.object({ message_ids: z.array(z.string()), recipients: z.int() }),
    run({ from, content }) {
      const ids = pool.broadcastMessage(from, content);
      return { message_ids: ids, recipients: ids.length };
    },
  });
  const read = tool({
    name: 'pool_read_messages',
    title: 'Take messages',
    description: 'Takes the messages that wait for a slot: they are not delivered any more.',
    annotations: ENDS,
    input: z.strictObject({ slot_id: z.string().min(1) }),
    output: messagesSchema,
    run: ({ slot_id: slot }) => ({ messages: pool.readMessages(slot).map(wireObject) }),
  });
  const peek = tool({
    name: 'pool_peek_messages',
    title: 'Look at messages',
    description: 'The messages that wait for a slot.',
    annotations: READS,
    input: z.strictObject({ slot_id: z.string().min(1) }),
    output: messagesSchema,
    run: ({ slot_id: slot }) => ({ messages: pool.peekMessages(slot).map(wireObject) }),
  });
  return [send, broadcast, read, peek];
}
