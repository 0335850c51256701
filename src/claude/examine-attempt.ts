import { access, constants } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import type { AttemptTrace, Finding } from '../ports.ts';
import { attemptRecord } from './attempt-record.ts';
import type { AttemptRecord } from './attempt-record.ts';
import { sessionEnvironment } from './environment.ts';
import { findTranscripts } from './find-transcripts.ts';
import type { Transcripts } from './find-transcripts.ts';
import type { ClaudeSettings } from './options.ts';
import { provesAbsence } from './proves-absence.ts';
import { readTranscript } from './read-transcript.ts';

/** Reads in the transcript of a conversation how far an attempt came. The session must be gone. */
export async function examineAttempt(
  settings: ClaudeSettings,
  attempt: AttemptTrace,
  signal: AbortSignal,
): Promise<Finding> {
  signal.throwIfAborted();
  try {
    return { sessionId: attempt.sessionId, ...(await evidenceOf(settings, attempt, signal)) };
  } catch {
    signal.throwIfAborted();
    return { sessionId: attempt.sessionId };
  }
}

async function evidenceOf(
  { args, cwd, env: extra }: ClaudeSettings,
  attempt: AttemptTrace,
  signal: AbortSignal,
): Promise<Finding> {
  const { sessionId, startedAt } = attempt;
  const env = sessionEnvironment({ host: process.env, extra, mark: '', slotId: '' });
  const home = env['CLAUDE_CONFIG_DIR'] ?? join(env['HOME'] ?? homedir(), '.claude');
  const absent = provesAbsence({ args, env }, startedAt) ? { began: false } : {};
  const transcripts = await findTranscripts({ home, cwd: resolve(cwd, attempt.cwd ?? '.'), sessionId });
  if (transcripts === undefined) return (await isWritable(home)) ? absent : {};
  const record = attemptRecord(attempt);
  await readAll(transcripts, record, signal);
  const { type } = record.continuation();
  if (type === 'prompt') return { began: true, spend: record.spend() };
  return type === 'none' ? absent : {};
}

async function readAll(
  { conversation, subagents }: Transcripts,
  record: AttemptRecord,
  signal: AbortSignal,
): Promise<void> {
  for await (const line of readTranscript(conversation, signal)) record.hear(line);
  for (const file of subagents) {
    for await (const line of readTranscript(file, signal)) record.hearSubagent(line);
  }
}

/** Where Claude has never been, or cannot write, a missing transcript says nothing. */
async function isWritable(home: string): Promise<boolean> {
  return access(home, constants.W_OK).then(
    () => true,
    () => false,
  );
}
