import type { TaskRequest } from '../../index.ts';
import type { Message, Rule, Script } from '../../testing/script.ts';

/** One task of the demo, with what the simulated model says. */
interface Sight {
  readonly title: string;
  readonly prompt: string;
  readonly answer: string;
  /** A command that Claude really runs, in an empty scratch folder, before it answers. */
  readonly command?: string;
  readonly thinkingMs: number;
}

const SIGHTS: readonly Sight[] = [
  {
    title: 'list the files',
    prompt: 'Which files are in this folder?',
    command: 'ls',
    answer:
      'Three files: README.md tells what it is, queue.js keeps the order, and queue.test.js holds it to it.',
    thinkingMs: 300,
  },
  {
    title: 'explain the queue',
    prompt: 'Explain queue.js in three sentences.',
    answer:
      'The queue keeps tasks in the order of their priority. Equal ones leave in the order in which they came. Nothing is copied when one is added, so it stays fast when it is long.',
    thinkingMs: 500,
  },
  {
    title: 'count the lines',
    prompt: 'How many lines does each file have?',
    command: 'wc -l *',
    answer: 'Nine lines in all: two of them tell, four work, and three test.',
    thinkingMs: 200,
  },
  {
    title: 'name the release',
    prompt: 'Suggest a name for the next release.',
    answer: 'Heron: it stands still until it is time.',
    thinkingMs: 150,
  },
  {
    title: 'find a bug',
    prompt: 'Is there a bug in queue.js?',
    command: 'ls queue.js',
    answer:
      'One: `take()` on an empty queue gives `undefined`, and its caller does not look. Either throw there, or let the type say so.',
    thinkingMs: 700,
  },
  {
    title: 'write a test',
    prompt: 'Write the title of a test for the empty queue.',
    answer: 'test("an empty queue gives nothing and says so")',
    thinkingMs: 250,
  },
  {
    title: 'draft the changelog',
    prompt: 'Draft a changelog entry for the fix.',
    answer:
      'Fixed: taking from an empty queue is now a clear error. Before, the caller got `undefined` and failed much later, far from the cause.',
    thinkingMs: 400,
  },
  {
    title: 'translate the title',
    prompt: 'Translate the title of the README into French.',
    answer: 'Une file d’attente, en bon ordre.',
    thinkingMs: 150,
  },
  {
    title: 'review the naming',
    prompt: 'Review the names in queue.js.',
    answer:
      'They are good nouns. Only `tmp` says nothing: it holds the task that leaves, so call it `leaving`. The file is named as its export, which is right.',
    thinkingMs: 450,
  },
  {
    title: 'estimate the effort',
    prompt: 'How long will the fix take?',
    answer: 'Ten minutes, with its test.',
    thinkingMs: 100,
  },
  {
    title: 'check the tests',
    prompt: 'Which file tests the queue?',
    command: 'ls *.test.js',
    answer: 'queue.test.js, and it covers all but the empty queue.',
    thinkingMs: 350,
  },
  {
    title: 'sum it up',
    prompt: 'Sum up the state of this folder in one sentence.',
    answer: 'A small queue in good order, one honest bug, and a test that is about to be written.',
    thinkingMs: 300,
  },
];

/** What Claude finds in the scratch folder. */
export const TOUR_FILES: Readonly<Record<string, string>> = {
  'README.md': '# A queue, in good order\nFirst come, first served.\n',
  'queue.js':
    'const tasks = [];\nexport const add = (task) => tasks.push(task);\n\nexport const take = () => tasks.shift();\n',
  'queue.test.js':
    "import { add, take } from './queue.js';\nadd('one');\nconsole.assert(take() === 'one');\n",
};

/** The tasks of the fan-out, each tagged with its title. They come round again when there are more. */
export function tourTasks(count: number): readonly TaskRequest[] {
  const tasks = SIGHTS.map(({ title, prompt }) => ({ prompt, tags: [title] }));
  return Array.from({ length: Math.ceil(count / tasks.length) }, () => tasks)
    .flat()
    .slice(0, count);
}

/** What the simulated model answers. */
export function tourScript(): Script {
  return { rules: SIGHTS.map(ruleOf) };
}

function ruleOf({ prompt, command, answer, thinkingMs }: Sight): Rule {
  const pieces = answer.match(/\S+\s*/g) ?? [];
  const outputTokens = pieces.length * 2;
  const text: Message = {
    text: pieces,
    delayMs: thinkingMs,
    pieceDelayMs: 70,
    usage: { inputTokens: 40 + prompt.length, outputTokens, cacheReadTokens: 9_000 },
  };
  if (command === undefined) return { when: prompt, answers: [text] };
  const toolUse = { name: 'Bash', input: { command, description: 'Look at the folder' } };
  const usage = { inputTokens: 40 + prompt.length, outputTokens: 30, cacheReadTokens: 9_000 };
  return { when: prompt, answers: [{ toolUse, delayMs: thinkingMs, usage }, text] };
}
