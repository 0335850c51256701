import type { Pool, TaskInfo } from '../../index.ts';

const LONGEST = 200;

/** What a task or a chain is called for a reader: its first tag, its step, or how its prompt begins. */
export function titleOf(pool: Pool, id: string): string {
  const task = known(() => pool.task(id));
  return task === undefined ? (known(() => pool.chainResult(id).id) ?? id) : titleOfTask(task);
}

export function titleOfTask({ tags: [tag], chain, prompt }: TaskInfo): string {
  return tag ?? chain?.step ?? prompt.trim().slice(0, LONGEST);
}

function known<Value>(look: () => Value): Value | undefined {
  try {
    return look();
  } catch {
    return undefined;
  }
}
