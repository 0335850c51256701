import { openHistory } from 'claude-pool';
import type { PoolEvent, TaskInfo } from 'claude-pool';
import type { FakeClaudeEntry } from 'claude-pool/testing';
import type { CrashLine, CrashReport } from './crash-types.ts';
import type { House } from './house.ts';

/** Of prompts that go on with what was cut off. */
const GO_ON = 'You were cut off';
/** Sums of floating-point numbers differ in their last digits. */
const EPSILON_USD = 1e-6;

type Audit = Omit<CrashReport, 'kills' | 'fullDisks' | 'failedFsyncs' | 'tornWrites'>;

/** Holds what pools have kept against what they had said, and what the fake Claudes have heard and charged. */
export async function faultsIn(
  place: House,
  said: readonly CrashLine[],
  reservedUsd: number,
): Promise<Audit> {
  await using history = await openHistory({ stateDir: place.stateDir });
  const tasks = await history.tasks({ limit: 1_000_000 });
  const events = await history.events({ limit: 10_000_000 });
  const { spendUsd, reservedUsd: open } = await history.cost();
  const journal = place.journal();
  const prompts = journal.filter((entry) => entry.type === 'prompt');
  const known = new Map(tasks.map((task) => [task.id, task]));
  const runs = countBy(
    events.filter(({ type }) => type === 'task.running'),
    taskOf,
  );
  const ends = countBy(events.filter(isEnd), taskOf);
  const chainEnds = countBy(events.filter(isChainEnd), chainOf);
  const tokens = new Map(tasks.map((task) => [tokenIn(task.prompt), task]));
  const work = workIn(journal);
  const charges = new Map<string, number>();
  for (const entry of journal) {
    if (entry.type !== 'charged') continue;
    const token = work.get(entry) ?? '';
    charges.set(token, (charges.get(token) ?? 0) + entry.costUsd);
  }
  const heard = countBy(prompts, (entry) => work.get(entry) ?? '');
  const chargedUsd = [...charges.values()].reduce((sum, charge) => sum + charge, 0);
  const cutOff = events.filter(isCut(events)).length;

  const faults = [
    ...said.flatMap((line) => (line.type === 'failed' ? [`a pool failed: ${line.message}`] : [])),
    said.at(-1)?.type !== 'done' && `the last pool did not end its work, but: ${JSON.stringify(said.at(-1))}`,
    ...said.flatMap((line) =>
      line.type === 'accepted' && !known.has(line.id) ? [`${line.id} was accepted and is lost`] : [],
    ),
    ...said.flatMap((line) => (line.type === 'ended' ? lostEnd(line, known.get(line.id)) : [])),
    ...tasks.flatMap(({ id, state }) =>
      ends.get(id) === 1 ? [] : [`${id} is ${state} and has ended ${ends.get(id) ?? 0} times`],
    ),
    ...said.flatMap((line) =>
      line.type === 'chained' && chainEnds.get(line.id) !== 1
        ? [`${line.id} has ended ${chainEnds.get(line.id) ?? 0} times`]
        : [],
    ),
    ...events
      .flatMap(({ seq }, index) => (seq === index + 1 ? [] : [`event ${index + 1} is ${seq}`]))
      .slice(0, 1),
    ...[...heard].flatMap(([token, count]) => {
      const task = tokens.get(token);
      if (task === undefined) return [`a prompt reached Claude that no task has: ${token}`];
      return count <= (runs.get(task.id) ?? 0)
        ? []
        : [`${task.id} was sent ${count} times in ${runs.get(task.id)} attempts`];
    }),
    ...tasks.flatMap(({ id, state, prompt }) => [
      ...(state === 'cancelled' ? [`${id} was cancelled, and nobody had asked for that`] : []),
      ...(heard.has(tokenIn(prompt)) ? [] : [`${id} is ${state}, and Claude has never heard of it`]),
    ]),
    ...tasks.flatMap((task) => wrongSpend(task, charges.get(tokenIn(task.prompt)) ?? 0, reservedUsd)),
    Math.abs(spendUsd - sumOf(tasks)) > EPSILON_USD &&
      `the ledger says ${spendUsd}, the tasks ${sumOf(tasks)}`,
    open !== 0 && `${open} is set aside for nothing`,
    ...(await place.processes()).map((id) => `process ${id} is left`),
  ].filter((fault) => fault !== false);

  return { tasks: tasks.length, prompts: prompts.length, cutOff, spendUsd, chargedUsd, faults };
}

function lostEnd(
  { id, end }: Extract<CrashLine, { type: 'ended' }>,
  task: TaskInfo | undefined,
): readonly string[] {
  const kept =
    task?.result === undefined
      ? (task?.error?.code ?? 'none')
      : JSON.stringify({ output: task.result.output, spendUsd: task.result.spendUsd });
  return kept === end ? [] : [`${id} had ended with ${end}, and now with ${kept}`];
}

/** Exact where no attempt was cut off; else at least what was charged, and at most what was set aside more per attempt. */
function wrongSpend(
  { id, spendUsd, attempts, result }: TaskInfo,
  chargedUsd: number,
  reservedUsd: number,
): readonly string[] {
  const isExact = result?.spendEstimated === false;
  const most = isExact ? chargedUsd : chargedUsd + attempts * reservedUsd;
  const isRight = spendUsd >= chargedUsd - EPSILON_USD && spendUsd <= most + EPSILON_USD;
  return isRight
    ? []
    : [`${id} was charged ${chargedUsd} and booked ${spendUsd}${isExact ? ' as exact' : ''}`];
}

/** Whether a task was running when a pool ended: its next event is none that an attempt ends with. */
function isCut(events: readonly PoolEvent[]): (event: PoolEvent, index: number) => boolean {
  const starts = events.flatMap(({ type, seq }) => (type === 'pool.starting' ? [seq] : []));
  const last = new Map<string, number>();
  const cut = new Set<number>();
  for (const { type, seq, ...event } of events) {
    if (!type.startsWith('task.') || !('taskId' in event) || event.taskId === undefined) continue;
    const running = last.get(event.taskId);
    if (running !== undefined && starts.some((start) => start > running && start < seq)) cut.add(running);
    if (type === 'task.running') last.set(event.taskId, seq);
    else last.delete(event.taskId);
  }
  return ({ seq }) => cut.has(seq);
}

function isEnd({ type }: PoolEvent): boolean {
  return type === 'task.completed' || type === 'task.failed' || type === 'task.cancelled';
}

function isChainEnd({ type }: PoolEvent): boolean {
  return type === 'chain.completed' || type === 'chain.failed' || type === 'chain.cancelled';
}

function chainOf(event: PoolEvent): string {
  return 'chainId' in event ? event.chainId : '';
}

function taskOf(event: PoolEvent): string {
  return 'taskId' in event ? (event.taskId ?? '') : '';
}

/** What each entry was about. Who is told to go on goes on with what was asked last in the conversation. */
function workIn(journal: readonly FakeClaudeEntry[]): ReadonlyMap<FakeClaudeEntry, string> {
  const last = new Map<string, string>();
  return new Map(
    journal.flatMap((entry) => {
      if (entry.type !== 'prompt' && entry.type !== 'charged') return [];
      const { prompt, sessionId } = entry;
      const token = prompt.startsWith(GO_ON) ? (last.get(sessionId) ?? sessionId) : tokenIn(prompt);
      last.set(sessionId, token);
      return [[entry, token]];
    }),
  );
}

function tokenIn(prompt: string): string {
  return /#([\w-]+)/.exec(prompt)?.[1] ?? prompt;
}

function sumOf(tasks: readonly TaskInfo[]): number {
  return tasks.reduce((sum, { spendUsd }) => sum + spendUsd, 0);
}

function countBy<Item>(items: readonly Item[], keyOf: (item: Item) => string): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const item of items) counts.set(keyOf(item), (counts.get(keyOf(item)) ?? 0) + 1);
  return counts;
}
