#!/usr/bin/env node
import { randomUUID } from 'node:crypto';
import { answerControl } from './fake-claude-control.ts';
import { beginStoring, copyConversation, isStored, readConversation } from './fake-claude-conversations.ts';
import { readLines } from './fake-claude-input.ts';
import { createLedger } from './fake-claude-ledger.ts';
import { readOptions } from './fake-claude-options.ts';
import type { FakeOptions } from './fake-claude-options.ts';
import type { FakeProcess } from './fake-claude-process.ts';
import { printResult } from './fake-claude-result.ts';
import { fakeSession } from './fake-claude-session.ts';
import { readSettings } from './fake-claude-settings.ts';
import { noTokens } from './fake-claude-tokens.ts';

const options = readOptions(process.argv.slice(2));
if ('refused' in options) die(options.refused);
start(options);

function start(asked: FakeOptions): void {
  const settings = readSettings(process.env);
  if (asked.askedVersion) {
    process.stdout.write(`${settings.version} (Claude Code)\n`);
    return;
  }
  const { sessionId = randomUUID() } = asked;
  if (isStored(sessionId)) die(`Error: Session ID ${sessionId} is already in use.`);
  beginStoring();
  const isOld = settings.version === '2.1.197';
  const claude: FakeProcess = {
    settings,
    options: asked,
    isOld,
    conversation: {
      sessionId,
      model: asked.model ?? (isOld ? 'claude-opus-4-8[1m]' : 'claude-opus-5-5'),
      permissionMode: asked.permissionMode,
      prompts: [],
    },
    ledger: createLedger(settings.version),
    startedAt: Date.now(),
  };
  if (asked.resume !== undefined) resume(claude, asked.resume);
  listen(claude);
}

function resume(
  { conversation, ledger, isOld, options: asked, ...rest }: FakeProcess,
  sessionId: string,
): void {
  const stored = readConversation(sessionId);
  if (stored === undefined) {
    conversation.sessionId = sessionId;
    return refuseResume({ conversation, ledger, isOld, options: asked, ...rest });
  }
  conversation.prompts = [...stored.prompts];
  if (!isOld) ledger.restart(stored.spent);
  if (!asked.forkSession) conversation.sessionId = sessionId;
  else copyConversation(sessionId, conversation.sessionId);
}

function refuseResume(claude: FakeProcess): never {
  const error = `No conversation found with session ID: ${claude.conversation.sessionId}`;
  const end = {
    subtype: 'error_during_execution',
    isError: true,
    errors: [error],
    stopReason: null,
    turns: 0,
    tokens: noTokens,
    denials: [],
  };
  printResult(claude, end, { uuids: [], index: 0, startedAt: Date.now() });
  return die(error);
}

function listen(claude: FakeProcess): void {
  const session = fakeSession(claude);
  process.stdout.on('error', () => undefined);
  process.on('SIGTERM', () => session.terminate(143));
  process.on('SIGHUP', () => session.terminate(129));
  process.on('SIGINT', () => session.interruptAndLeave());
  readLines({
    onLine(line) {
      if (line.type === 'user') session.hear(line);
      else if (line.type === 'control_request') answerControl(claude, line, session);
      else if (line.type === 'unreadable') die(line.reason);
    },
    onEnd: () => session.finish(),
  });
}

function die(reason: string): never {
  process.stderr.write(`${reason}\n`);
  process.exit(1);
}
