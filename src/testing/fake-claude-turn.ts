import { once } from 'node:events';
import { modelAnswer } from './fake-api-message.ts';
import type { ModelAnswer } from './fake-api-message.ts';
import { playApiFault, playDrop, refuseWithoutLogin } from './fake-claude-api-fault.ts';
import type { ApiRefusal } from './fake-claude-api-fault.ts';
import { chargeAnswer, chargePart } from './fake-claude-charge.ts';
import { abortedEnd, answeredEnd, maxBudgetEnd, maxTurnsEnd, refusedEnd } from './fake-claude-end.ts';
import { crash, hang, isLateFault, isPassingFault, playPassingFault } from './fake-claude-fault.ts';
import type { Crash } from './fake-claude-fault.ts';
import { sayAssistant, sayRequesting } from './fake-claude-lines.ts';
import { sayFirstPiece, streamAnswer, textOf } from './fake-claude-message.ts';
import type { Arrival } from './fake-claude-message.ts';
import type { FakeProcess } from './fake-claude-process.ts';
import type { TurnEnd } from './fake-claude-result.ts';
import { useTool } from './fake-claude-tool.ts';
import type { ToolRequest } from './fake-claude-tool.ts';
import type { FakeTurn } from './fake-claude-turn-state.ts';
import type { Answer, Message } from './script.ts';

/** Plays a turn until it has a result. */
export async function playTurn(claude: FakeProcess, turn: FakeTurn): Promise<TurnEnd> {
  if (claude.settings.account === 'none') return refusedEnd(turn, refuseWithoutLogin(claude));
  try {
    for (;;) {
      turn.signal.throwIfAborted();
      if (turn.failures === 0) sayRequesting(claude);
      const end = await playAnswer(claude, turn, turn.play.next());
      if (end !== undefined) return end;
    }
  } catch (error) {
    if (!turn.signal.aborted) throw error;
    return abortedEnd(claude, turn);
  }
}

async function playAnswer(claude: FakeProcess, turn: FakeTurn, answer: Answer): Promise<TurnEnd | undefined> {
  if ('status' in answer || 'drop' in answer) return playFailure(claude, turn, answer);
  if ('silence' in answer) return silence(turn.signal);
  if ('result' in answer) return { ...answeredEnd(turn, { text: '' }), fields: answer.result };
  if ('hang' in answer && answer.hang === 'beforeResult') return hang();
  if ('crash' in answer && answer.crash !== 'afterResult') return crashNow(claude, turn, answer);
  if (isLateFault(answer)) turn.lateFault = answer;
  else if (isPassingFault(answer)) playPassingFault(claude, answer);
  else return playMessage(claude, turn, answer);
  return turn.play.hasMore() ? undefined : playMessage(claude, turn, { echo: true });
}

async function playFailure(
  claude: FakeProcess,
  turn: FakeTurn,
  answer: Extract<Answer, { status: number } | { drop: string }>,
): Promise<TurnEnd | undefined> {
  turn.failures += 1;
  const circumstances = { attempt: turn.failures, signal: turn.signal };
  const outcome: ApiRefusal | 'again' =
    'status' in answer
      ? await playApiFault(claude, { fault: answer, ...circumstances })
      : await playDrop(claude, circumstances);
  return outcome === 'again' ? undefined : refusedEnd(turn, outcome);
}

async function playMessage(
  claude: FakeProcess,
  turn: FakeTurn,
  message: Message,
): Promise<TurnEnd | undefined> {
  const answer = modelAnswer(message, { model: claude.conversation.model, prompt: turn.prompt });
  await receive(claude, turn, { answer, message });
  turn.answers += 1;
  turn.failures = 0;
  turn.stopReason = answer.stopReason;
  chargeAnswer(claude, turn, answer);
  if (claude.ledger.totalUsd() > claude.options.maxBudgetUsd) return maxBudgetEnd(claude, turn);
  const request = answer.blocks.find((block) => block.type === 'tool_use');
  if (request === undefined) return answeredEnd(turn, { text: textOf(answer) });
  return goOnWithTool(claude, turn, request);
}

async function receive(
  claude: FakeProcess,
  turn: FakeTurn,
  { answer, message }: { answer: ModelAnswer; message: Message },
): Promise<void> {
  const arrival: Arrival = { hasBegun: false, text: '' };
  try {
    await streamAnswer(claude, { answer, message, arrival, signal: turn.signal });
  } catch (error) {
    if (arrival.hasBegun) chargePart(claude, turn, { answer, text: arrival.text });
    if (arrival.text !== '') sayAssistant(claude, answer, { type: 'text', text: arrival.text });
    throw error;
  }
}

async function goOnWithTool(
  claude: FakeProcess,
  turn: FakeTurn,
  request: ToolRequest,
): Promise<TurnEnd | undefined> {
  const { wantsSchema, maxTurns } = claude.options;
  if (wantsSchema && request.name === 'StructuredOutput') {
    return answeredEnd(turn, { text: JSON.stringify(request.input), structuredOutput: request.input });
  }
  if (maxTurns > 0 && turn.answers >= maxTurns) return maxTurnsEnd(turn, maxTurns);
  turn.runningTool = request;
  const denial = await useTool(claude, { request, signal: turn.signal });
  turn.runningTool = undefined;
  if (denial !== undefined) turn.denials = [...turn.denials, denial];
  return undefined;
}

async function silence(signal: AbortSignal): Promise<never> {
  await once(signal, 'abort');
  throw signal.reason;
}

function crashNow(claude: FakeProcess, turn: FakeTurn, fault: Crash): never {
  if (fault.crash === 'midStream') {
    const message = { text: ['A part ', 'of the answer'] };
    const answer = modelAnswer(message, { model: claude.conversation.model, prompt: turn.prompt });
    const text = sayFirstPiece(claude, answer);
    chargePart(claude, turn, { answer, text });
  }
  return crash(fault);
}
