import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { ROOT } from './pages.ts';

/** Parts of types that nobody needs by name: members of unions, and what machines keep in their contexts. */
const NAMELESS = [
  'ArgumentDraft',
  'AssignmentVoided',
  'AttemptCancelled',
  'ContextChange',
  'ConversationMessage',
  'Deadline',
  'DirectoryContext',
  'DirectoryEvent',
  'DirectoryInput',
  'End',
  'EntryBase',
  'EventBase',
  'GuestFailed',
  'Instant',
  'Ledger',
  'LivePool',
  'Named',
  'OpenTask',
  'POOL_ERROR_CODES',
  'PartDraft',
  'PastPool',
  'Pause',
  'Queue',
  'QueueEntry',
  'RestoredPool',
  'RestoredWork',
  'SessionAnswered',
  'SessionEnded',
  'SessionOpened',
  'SessionSettled',
  'SkillSignal',
  'SkillValue',
  'SlotAnswered',
  'SlotDone',
  'SlotInterrupt',
  'SlotReleased',
  'Step',
  'StepEnded',
  'StepNotice',
  'StepTaskRequested',
  'Streak',
  'TaskEnded',
  'TaskEnding',
  'TemplateValues',
  'Unsent',
  'WorkingStep',
];

test('every entry point of the package is on the page', async () => {
  const { exports } = JSON.parse(await readFile(path.join(ROOT, 'package.json'), 'utf8')) as Manifest;
  const entries = Object.keys(exports).filter((entry) => exports[entry]?.endsWith('.js'));

  const headings = [...(await page()).matchAll(/^## (.*)$/gm)].map(([, heading]) => heading);

  expect(headings).toEqual(entries.map((entry) => path.join('claude-pool', entry)));
});

test('every exported name has a sentence that says what it is', async () => {
  const bare = [...(await page()).matchAll(/^\/\/ @public \(undocumented\)\n(export .*)$/gm)];

  expect(bare.map(([, declaration]) => declaration)).toEqual([]);
});

test('every type that the public API mentions can be imported', async () => {
  const text = await page();
  const mentioned = [...text.matchAll(/The symbol "(\w+)" needs to be exported/g)].map(([, name]) => name);
  const exported = [...text.matchAll(/^export (?:\w+ )+?(\w+)(?=[ :=(<;])/gm)].map(([, name]) => name);

  const missing = mentioned.filter((name) => !exported.includes(name));

  expect(new Set(missing)).toEqual(new Set(NAMELESS));
});

interface Manifest {
  readonly exports: Readonly<Record<string, string>>;
}

function page(): Promise<string> {
  return readFile(path.join(ROOT, 'docs/public.api.md'), 'utf8');
}
