import { expect, test } from 'vitest';
import { isSameLaunch, launchFor, turnFor } from '../../machines/launch.ts';
import type { LaunchGround } from '../../machines/launch.ts';
import type { SlotRequest } from '../../machines/port.ts';

const ground: LaunchGround = { id: 'slot-0', settings: { permissionMode: 'plan' }, identity: {}, shared: {} };
const request: SlotRequest = { taskId: 'task-a', generation: 2, prompt: 'Say hi.' };

test('a slot without identity and context opens with the settings of the pool', () => {
  expect(launchFor(ground)).toEqual({ permissionMode: 'plan', slotId: 'slot-0' });
});

test('the system prompt tells the identity first, then the prompt of the pool, then the shared context', () => {
  const launch = launchFor({
    ...ground,
    settings: { appendSystemPrompt: 'Be brief.' },
    identity: { name: 'Ada', role: 'reviewer', description: 'You know Rust.' },
    shared: { branch: 'main', ticket: '42' },
  });

  expect(launch.appendSystemPrompt).toBe(
    'You are Ada. Your role: reviewer. You know Rust.\n\nBe brief.\n\n# Shared context\n- branch: main\n- ticket: 42',
  );
});

test('the settings of a task override those of the pool', () => {
  const launch = launchFor(ground, { ...request, settings: { permissionMode: 'acceptEdits', cwd: '/tmp' } });

  expect(launch).toEqual({ permissionMode: 'acceptEdits', cwd: '/tmp', slotId: 'slot-0' });
});

test('a model or an effort of a task needs no other process', () => {
  const launch = launchFor(ground, { ...request, settings: { model: 'sonnet', effort: 'low' } });

  expect(isSameLaunch(launch, launchFor(ground))).toBe(true);
});

test.each([
  { session: { resume: 'abc' }, resume: { sessionId: 'abc', fork: false } },
  { session: { fork: 'abc' }, resume: { sessionId: 'abc', fork: true } },
  { session: 'fresh', resume: undefined },
  { session: 'resume', resume: undefined },
] as const)('a task with the session $session resumes $resume', ({ session, resume }) => {
  expect(launchFor(ground, { ...request, session }).resume).toEqual(resume);
});

test('processes are told apart by what is fixed at their start, whatever conversation they began with', () => {
  const plain = launchFor(ground);

  expect(isSameLaunch(plain, launchFor({ ...ground, shared: { branch: 'main' } }))).toBe(false);
  expect(isSameLaunch(plain, launchFor(ground, { ...request, session: { resume: 'abc' } }))).toBe(true);
  expect(isSameLaunch(plain, launchFor({ ...ground }))).toBe(true);
});

test('a turn carries what can change from turn to turn, and nothing else', () => {
  const turn = turnFor({
    ...request,
    settings: { model: 'sonnet', effort: 'low', cwd: '/tmp' },
    session: 'fresh',
    capMicros: 7,
    timeoutMs: 9,
  });

  expect(turn).toEqual({
    taskId: 'task-a',
    generation: 2,
    prompt: 'Say hi.',
    model: 'sonnet',
    effort: 'low',
    capMicros: 7,
    timeoutMs: 9,
  });
  expect(turnFor(request)).toEqual(request);
});
