import type { SessionTurn, SlotRequest } from './port.ts';
import type { SessionLaunch, SessionPolicy, SessionSettings, SlotIdentity } from './types.ts';

/** What decides how a slot's process is started, beside the task's own settings. */
export interface LaunchGround {
  readonly id: string;
  readonly settings: SessionSettings;
  readonly identity: SlotIdentity;
  readonly shared: Readonly<Record<string, string>>;
}

/** The process that a request needs. Model and effort are left out: they can change from turn to turn. */
export function launchFor(ground: LaunchGround, request?: SlotRequest): SessionLaunch {
  const { model: _model, effort: _effort, ...overrides } = request?.settings ?? {};
  const settings = { ...ground.settings, ...overrides };
  const appendSystemPrompt = systemPromptOf(ground, settings);
  const resume = resumeOf(request?.session);
  return {
    ...settings,
    slotId: ground.id,
    ...(settings.workspace === 'slot' && { workspace: ground.id }),
    ...(appendSystemPrompt !== '' && { appendSystemPrompt }),
    ...(resume && { resume }),
  };
}

/** Whether a request asks for nothing but what its slot has anyway. */
export function isPlainRequest(request: SlotRequest | undefined): boolean {
  return request?.settings === undefined && typeof request?.session !== 'object';
}

/** Whether a process opened with the one serves for the other. The conversation that it began with does not matter. */
export function isSameLaunch(left: SessionLaunch, right: SessionLaunch): boolean {
  return left === right || JSON.stringify(ofProcess(left)) === JSON.stringify(ofProcess(right));
}

export function turnFor(request: SlotRequest): SessionTurn {
  const { taskId, generation, settings, capMicros, timeoutMs, silenceMs, work, isProbe } = request;
  return {
    taskId,
    generation,
    prompt: promptWithMessages(request),
    ...(settings?.model !== undefined && { model: settings.model }),
    ...(settings?.effort !== undefined && { effort: settings.effort }),
    ...(capMicros !== undefined && { capMicros }),
    ...(timeoutMs !== undefined && { timeoutMs }),
    ...(silenceMs !== undefined && { silenceMs }),
    ...(work && { work }),
    ...(isProbe && { isProbe }),
  };
}

/** Messages stand before the task, each with its sender. */
function promptWithMessages({ prompt, messages = [] }: SlotRequest): string {
  if (messages.length === 0) return prompt;
  const notes = messages.map(({ from, text }) => `From ${from}:\n${text}`);
  return ['# Messages for you', ...notes, '---', prompt].join('\n\n');
}

function ofProcess({ resume: _resume, ...launch }: SessionLaunch): Omit<SessionLaunch, 'resume'> {
  return launch;
}

/** Identity, the pool's own prompt, then the shared context: the stable parts first, for the cache's sake. */
function systemPromptOf(
  { identity: { name, role, description }, shared }: LaunchGround,
  { appendSystemPrompt = '' }: SessionSettings,
): string {
  const identity = [
    name !== undefined && `You are ${name}.`,
    role !== undefined && `Your role: ${role}.`,
    description,
  ].filter((line) => typeof line === 'string');
  const entries = Object.entries(shared).map(([key, value]) => `- ${key}: ${value}`);
  const context = entries.length > 0 ? `# Shared context\n${entries.join('\n')}` : '';
  return [identity.join(' '), appendSystemPrompt, context].filter((part) => part !== '').join('\n\n');
}

function resumeOf(policy: SessionPolicy | undefined): SessionLaunch['resume'] {
  if (typeof policy !== 'object') return undefined;
  return 'resume' in policy
    ? { sessionId: policy.resume, fork: false }
    : { sessionId: policy.fork, fork: true };
}
