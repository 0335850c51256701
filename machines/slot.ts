import { assign, enqueueActions, sendParent, sendTo, setup, spawnChild, stopChild } from 'xstate';
import { eventOf } from './event-of.ts';
import { launchFor, turnFor } from './launch.ts';
import { session } from './port.ts';
import type { SessionCommand, SessionEnded, SessionOpened, SessionSettled, SlotRequest } from './port.ts';
import { canRestart, restartBackoffMs, restartsAfter } from './restart.ts';
import { timeOf } from './time-of.ts';
import { needsClear, needsProcess, nextLaunch, openedConversation } from './turnover.ts';
import type { Message, Timestamp } from './types.ts';
import { blamed, cancelled, LOST, unopened, unsentReport } from './unsent.ts';
import type { Unsent } from './unsent.ts';
import { verdictOf } from './verdict.ts';
import type {
  SlotInput,
  SlotContext,
  SlotOutput,
  SlotFailure,
  SlotEvent,
  SlotNotice,
  SlotSettled,
} from './slot-types.ts';

/** One Claude session and the process that holds it. Runs one task at a time. */
export const slotMachine = setup({
  types: {
    context: {} as SlotContext,
    events: {} as SlotEvent,
    input: {} as SlotInput,
    output: {} as SlotOutput,
    children: {} as { session: 'session' },
  },
  actors: { session },
  actions: {
    openSession: spawnChild('session', {
      id: 'session',
      input: ({ context }: { context: SlotContext }) => ({ launch: context.launch }),
    }),
    forgetSession: stopChild('session'),
    runTurn: sendTo('session', ({ context: { request } }): SessionCommand => {
      return request === undefined
        ? { type: 'session.interrupt' }
        : { type: 'session.run', turn: turnFor(request) };
    }),
    interruptTurn: sendTo('session', { type: 'session.interrupt' }),
    clearConversation: sendTo('session', { type: 'session.clear' }),
    closeSession: sendTo('session', { type: 'session.close' }),
    greet: assign(({ context }, { version, pid }: SessionOpened) => ({
      version,
      pid,
      processTurns: 0,
      residentBytes: 0,
      ...openedConversation(context.launch),
      failure: undefined,
    })),
    take: assign(({ context: { inbox } }, { request }: { request: SlotRequest }) => ({
      request: inbox.length === 0 ? request : { ...request, messages: inbox },
    })),
    release: assign({ request: undefined }),
    aim: assign(({ context }) => ({ launch: nextLaunch(context) })),
    startConversation: assign({ conversationTurns: 0, conversationTokens: 0, sessionId: undefined }),
    recordTurn: assign(({ context }, { report }: SessionSettled) => ({
      request: undefined,
      processTurns: context.processTurns + 1,
      residentBytes: report.residentBytes ?? 0,
      conversationTurns: context.conversationTurns + 1,
      conversationTokens: report.contextTokens ?? 0,
      sessionId: report.sessionId ?? context.sessionId,
    })),
    receive: assign(({ context: { inbox } }, { message }: { message: Message }) => ({
      inbox: [...inbox, message],
    })),
    dropMessages: assign(({ context: { inbox } }, { ids }: { ids: readonly string[] }) => ({
      inbox: inbox.filter(({ id }) => !ids.includes(id)),
    })),
    dropDelivered: assign(({ context: { inbox, request } }) => ({
      inbox: inbox.filter(({ id }) => request?.messages?.some((sent) => sent.id === id) !== true),
    })),
    recordCrash: assign(({ context }, { code = 'CRASHED', message }: SessionEnded) => ({
      request: undefined,
      failure: { code, message },
      launch: context.base,
      sessionId: undefined,
    })),
    countRestart: assign(({ context }, { at }: SessionEnded) => ({ restarts: restartsAfter(context, at) })),
    configure: assign(({ context }, change: Partial<Pick<SlotContext, 'identity' | 'shared'>>) => ({
      ...change,
      base: launchFor({ ...context, ...change }),
    })),
    announceReady: sendParent(({ context: { id } }, { at }: { at: Timestamp }): SlotNotice => ({
      type: 'slot.ready',
      slotId: id,
      at,
    })),
    announceAnswer: sendParent(({ context: { id } }, { at }: { at: Timestamp }): SlotNotice => ({
      type: 'slot.answered',
      slotId: id,
      at,
    })),
    announceLoss: sendParent(({ context: { id } }, { at }: { at: Timestamp }): SlotNotice => ({
      type: 'slot.lost',
      slotId: id,
      at,
    })),
    announceFailure: sendParent(
      ({ context: { id, failure = UNKNOWN_FAILURE } }, { at }: { at: Timestamp }): SlotNotice => ({
        type: 'slot.failed',
        slotId: id,
        failure,
        at,
      }),
    ),
    settleReady: sendParent(({ context }, settled: SessionSettled) =>
      settlement(context, { ...settled, ready: true }),
    ),
    settle: sendParent(({ context }, settled: SessionSettled) => {
      const { report } = settled;
      const evidence = blamed(context.request, report.evidence);
      return settlement(context, { ...settled, report: { ...report, evidence }, ready: false });
    }),
    /** A prompt that was never sent goes back with what stood in its way. */
    returnRequest: enqueueActions(({ context, enqueue }, { evidence, at, chance }: Unsent) => {
      if (context.request === undefined) return;
      const report = unsentReport(blamed(context.request, evidence));
      enqueue(sendParent(settlement(context, { report, at, chance, ready: false })));
    }),
    refuse: sendParent(({ context }, { request, at }: { request: SlotRequest; at: Timestamp }) =>
      settlement({ ...context, request }, { report: unsentReport(LOST), at, chance: 0.5, ready: false }),
    ),
  },
  guards: {
    needsProcess: ({ context }, { request }: { request: SlotRequest }) => needsProcess(context, request),
    needsClear: ({ context }, { request }: { request: SlotRequest }) => needsClear(context, request),
    hasRequest: ({ context }) => context.request !== undefined,
    isResumed: ({ context: { launch } }) => launch.resume !== undefined,
    isCurrent: ({ context: { request } }, { taskId, generation }: { taskId: string; generation: number }) =>
      request?.taskId === taskId && request.generation === generation,
    isClean: (_, { report }: SessionSettled) =>
      verdictOf(report.evidence).ok && report.evidence.exit === undefined,
    canRestart: ({ context }, ended: SessionEnded) => canRestart(context, ended),
  },
  delays: { restartBackoff: ({ context }) => restartBackoffMs(context) },
}).createMachine({
  id: 'slot',
  context: ({ input }) => {
    const base = launchFor(input);
    return { ...input, base, launch: base, ...NEW, inbox: input.inbox ?? [], restarts: [] };
  },
  output: ({ context }) => ({ slotId: context.id }),
  initial: 'starting',
  on: {
    'slot.configure': {
      actions: { type: 'configure', params: ({ event }) => ({ identity: event.identity }) },
    },
    'slot.share': { actions: { type: 'configure', params: ({ event }) => ({ shared: event.shared }) } },
    'message.received': { actions: { type: 'receive', params: eventOf } },
    'messages.read': { actions: { type: 'dropMessages', params: eventOf } },
    'slot.assign': { actions: { type: 'refuse', params: eventOf } },
    'session.ended': [
      {
        guard: { type: 'canRestart', params: eventOf },
        target: '.recovering',
        actions: [
          'forgetSession',
          { type: 'returnRequest', params: ({ event }) => unopened(event) },
          { type: 'countRestart', params: eventOf },
          { type: 'recordCrash', params: eventOf },
          { type: 'announceLoss', params: eventOf },
        ],
      },
      {
        target: '.failed',
        actions: [
          'forgetSession',
          { type: 'returnRequest', params: ({ event }) => unopened(event) },
          { type: 'recordCrash', params: eventOf },
          { type: 'announceLoss', params: eventOf },
        ],
      },
    ],
  },
  states: {
    starting: {
      entry: 'openSession',
      on: {
        'session.opened': {
          target: 'idle',
          actions: [
            { type: 'greet', params: eventOf },
            { type: 'announceReady', params: eventOf },
          ],
        },
        'slot.drain': 'draining',
      },
    },
    idle: {
      on: {
        'slot.assign': [
          {
            guard: { type: 'needsProcess', params: eventOf },
            target: 'recycling.closing',
            actions: { type: 'take', params: eventOf },
          },
          {
            guard: { type: 'needsClear', params: eventOf },
            target: 'recycling.clearing',
            actions: { type: 'take', params: eventOf },
          },
          { target: 'busy', actions: { type: 'take', params: eventOf } },
        ],
        'slot.forget': 'recycling.clearing',
        'slot.drain': 'draining',
      },
    },
    busy: {
      entry: 'runTurn',
      on: {
        'session.settled': [
          {
            guard: { type: 'isClean', params: eventOf },
            target: 'idle',
            actions: [
              { type: 'settleReady', params: eventOf },
              'dropDelivered',
              { type: 'recordTurn', params: eventOf },
            ],
          },
          {
            target: 'recycling.clearing',
            actions: [
              { type: 'settle', params: eventOf },
              { type: 'recordTurn', params: eventOf },
            ],
          },
        ],
        'session.answered': { actions: { type: 'announceAnswer', params: eventOf } },
        'slot.interrupt': {
          guard: { type: 'isCurrent', params: eventOf },
          actions: 'interruptTurn',
        },
      },
    },
    recycling: {
      on: {
        'slot.interrupt': {
          guard: { type: 'isCurrent', params: eventOf },
          actions: [{ type: 'returnRequest', params: ({ event }) => cancelled(event) }, 'release'],
        },
        'slot.drain': 'draining',
      },
      initial: 'clearing',
      states: {
        clearing: {
          entry: 'clearConversation',
          on: {
            'session.cleared': [
              { guard: 'hasRequest', target: '#slot.busy', actions: 'startConversation' },
              {
                target: '#slot.idle',
                actions: ['startConversation', { type: 'announceReady', params: eventOf }],
              },
            ],
          },
        },
        closing: {
          entry: 'closeSession',
          on: { 'session.ended': { target: 'opening', actions: 'forgetSession' } },
        },
        opening: {
          entry: ['aim', 'openSession'],
          on: {
            'session.opened': [
              { guard: 'hasRequest', target: '#slot.busy', actions: { type: 'greet', params: eventOf } },
              { guard: 'isResumed', target: 'clearing', actions: { type: 'greet', params: eventOf } },
              {
                target: '#slot.idle',
                actions: [
                  { type: 'greet', params: eventOf },
                  { type: 'announceReady', params: eventOf },
                ],
              },
            ],
          },
        },
      },
    },
    recovering: {
      after: { restartBackoff: 'starting' },
      on: { 'session.ended': {}, 'slot.drain': 'stopped' },
    },
    failed: {
      entry: { type: 'announceFailure', params: ({ event }) => ({ at: timeOf(event) }) },
      on: { 'session.ended': {}, 'slot.drain': 'stopped' },
    },
    draining: {
      entry: 'closeSession',
      on: {
        'session.ended': {
          target: 'stopped',
          actions: ['forgetSession', { type: 'announceLoss', params: eventOf }],
        },
      },
    },
    stopped: { type: 'final' },
  },
});

const NEW = { conversationTurns: 0, conversationTokens: 0, processTurns: 0, residentBytes: 0 } as const;
const UNKNOWN_FAILURE: SlotFailure = { code: 'CRASHED', message: 'The session failed.' };

function settlement(
  { id, request }: SlotContext,
  { report, at, chance, ready }: Pick<SlotSettled, 'report' | 'at' | 'chance' | 'ready'>,
): SlotSettled {
  return {
    type: 'slot.settled',
    slotId: id,
    taskId: request?.taskId ?? '',
    generation: request?.generation ?? 0,
    report,
    verdict: verdictOf(report.evidence),
    at,
    chance,
    ready,
  };
}
