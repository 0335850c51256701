import { isPlainRequest, isSameLaunch, launchFor } from './launch.ts';
import type { SlotRequest } from './port.ts';
import type { SlotContext } from './slot-types.ts';
import type { SessionLaunch } from './types.ts';

/** Whether the request cannot run in the process that is there. */
export function needsProcess(context: SlotContext, request: SlotRequest): boolean {
  return (
    isWorn(context) ||
    isElsewhere(context, request) ||
    !isSameLaunch(context.launch, wantedLaunch(context, request))
  );
}

/** Whether the request begins a conversation, in the process that is there. */
export function needsClear(context: SlotContext, request: SlotRequest): boolean {
  return context.conversationTurns > 0 && startsFresh(context, request);
}

/** A new process goes on with the conversation of the old one, unless it should not, or cannot from another folder. */
export function nextLaunch(context: SlotContext): SessionLaunch {
  const { request, sessionId, launch } = context;
  const wanted = wantedLaunch(context, request);
  const isSamePlace = wanted.cwd === launch.cwd && wanted.workspace === launch.workspace;
  const canContinue = sessionId !== undefined && wanted.resume === undefined && isSamePlace;
  if (!canContinue || (request !== undefined && startsFresh(context, request)) || isFull(context))
    return wanted;
  return { ...wanted, resume: { sessionId, fork: false } };
}

/** The conversation that a process was opened with; a copy gets an id of its own. */
export function openedConversation({ resume }: SessionLaunch) {
  return {
    conversationTurns: resume === undefined ? 0 : 1,
    conversationTokens: 0,
    sessionId: resume?.fork === false ? resume.sessionId : undefined,
  };
}

/** The plain case keeps its identity, so that comparing launches costs nothing. */
function wantedLaunch(context: SlotContext, request: SlotRequest | undefined): SessionLaunch {
  return isPlainRequest(request) ? context.base : launchFor(context, request);
}

/** Whether the request continues a conversation that is not in this process. */
function isElsewhere({ sessionId }: SlotContext, { session: policy }: SlotRequest): boolean {
  return typeof policy === 'object' && ('fork' in policy || policy.resume !== sessionId);
}

function startsFresh(
  context: SlotContext,
  { session: policy = context.policy.session }: SlotRequest,
): boolean {
  return policy === 'fresh' || (policy === 'resume' && isFull(context));
}

function isFull({ conversationTurns, conversationTokens, policy }: SlotContext): boolean {
  const { maxSessionTasks = Infinity, maxSessionTokens = Infinity } = policy;
  return conversationTurns >= maxSessionTasks || conversationTokens > maxSessionTokens;
}

function isWorn({ processTurns, residentBytes, policy }: SlotContext): boolean {
  return processTurns >= policy.maxProcessTurns || residentBytes > (policy.maxResidentBytes ?? Infinity);
}
