import { fromCallback } from 'xstate';
import type { SessionCommand, SessionFact, SessionInput, SlotRequest } from '../../machines/port.ts';
import { slotMachine } from '../../machines/slot.ts';
import type { SlotEvent, SlotInput, SlotPolicy } from '../../machines/slot-types.ts';
import type { AttemptReport, Evidence, Message, SessionLaunch } from '../../machines/types.ts';
import { stage } from '../../src/testing/model/stage.ts';
import { ANSWERED, reportOf } from './attempt.ts';

export const slotInput: SlotInput = {
  id: 'slot-0',
  settings: {},
  identity: { name: 'Ada' },
  shared: {},
  policy: {
    session: 'resume',
    maxRestarts: 1,
    restartWindowMs: 600_000,
    restartBackoffMs: 1_000,
    maxProcessTurns: 2,
  },
};
export const request: SlotRequest = { taskId: 'task-a', generation: 0, prompt: 'Say hi.' };
export const opened: SlotEvent = { type: 'session.opened', at: 1, version: '2.1.330', pid: 7 };
export const changes: readonly SlotEvent[] = [
  { type: 'slot.configure', identity: { name: 'Bob' }, at: 1 },
  { type: 'slot.share', shared: { branch: 'main' }, at: 1 },
];

export function assign(change: Partial<SlotRequest> = {}): SlotEvent {
  return { type: 'slot.assign', request: { ...request, ...change }, at: 1 };
}

export function settled(evidence: Evidence = ANSWERED, growth: Partial<AttemptReport> = {}): SlotEvent {
  return { type: 'session.settled', report: { ...reportOf(evidence, 1), ...growth }, at: 2, chance: 0.5 };
}

export function ended(): Extract<SessionFact, { type: 'session.ended' }> {
  return { type: 'session.ended', at: 2, chance: 0.5, message: 'Killed.' };
}

export function note(id: string): Message {
  return { id, from: 'you', to: 'slot-0', text: `Note ${id}.`, at: 1 };
}

/** A slot over a session that notes what it was opened with and told. */
export function scripted(policy: Partial<SlotPolicy> = {}) {
  const commands: SessionCommand[] = [];
  const launches: SessionLaunch[] = [];
  let stopped = 0;
  const session = fromCallback<SessionCommand, SessionInput>(({ input: { launch }, receive }) => {
    launches.push(launch);
    receive((command) => {
      commands.push(command);
    });
    return () => {
      stopped += 1;
    };
  });
  const { actor, told, clock } = stage(slotMachine.provide({ actors: { session } }), {
    input: { ...slotInput, policy: { ...slotInput.policy, ...policy } },
  });
  const send = (...events: readonly SlotEvent[]): void => {
    for (const event of events) actor.send(event);
  };
  const context = () => actor.getSnapshot().context;
  const inbox = () => context().inbox.map(({ id }) => id);
  const hasSession = () => actor.getSnapshot().children.session !== undefined;
  const value = () => actor.getSnapshot().value;
  const stops = () => stopped;
  return { send, told, clock, commands, launches, context, inbox, hasSession, stops, value };
}
