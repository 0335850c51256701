import { expect, test, vi } from 'vitest';
import type { Rule } from 'claude-pool/testing';
import { eventOf, realPool } from './stage.ts';
import { site, workOf } from './worktree-stage.ts';

const NAMES = ['ant', 'bee', 'cat', 'dog', 'eel', 'fox', 'gnu', 'hen'];

test('eight slots edit the same files through the real CLI, and all work is merged through review', async () => {
  const { git, write, checkout, options } = await site();
  await write('zoo.txt', 'zoo\n');
  await git('add', '.');
  await git('commit', '-qm', 'Open the zoo');
  await git('branch', 'integration');
  await write('zoo.txt', 'zoo, being edited by the user\n');
  const before = await checkout();
  const rules = [rebasing(), ...NAMES.map(adding)];
  await using stage = await realPool('newest', { rules }, { ...options, slots: 8, worktree: true });
  const { pool } = stage;

  await vi.waitFor(() => expect(pool.findSlots({ state: 'idle' })).toHaveLength(8), 30_000);

  const ids = await Promise.all(
    NAMES.map((name) => pool.submitWithReview(`Add the ${name}.`, { maxRejections: 9 })),
  );
  await Promise.all(
    ids.map((id) => eventOf(stage, (event) => event.type === 'task.pendingReview' && event.taskId === id)),
  );
  const places = ids.map((id) => pool.task(id).result).map((result) => result && workOf(result).path);
  const merged = await Promise.allSettled(
    ids.map((id) => pool.approveResult(id, { merge: 'rebase', into: 'integration' })),
  );
  const conflicts = ids.filter((_, index) => merged[index]?.status === 'rejected');
  for (const id of conflicts) {
    await vi.waitFor(() => expect(pool.task(id).state).toBe('pendingReview'), 15_000);
    await approved(id);
  }

  async function approved(id: string): Promise<void> {
    const outcome = await pool
      .approveResult(id, { merge: 'rebase', into: 'integration' })
      .catch(() => undefined);
    if (outcome !== undefined) return;
    await vi.waitFor(() => expect(pool.task(id).state).toBe('pendingReview'), 15_000);
    await approved(id);
  }

  const lines = (await git('show', 'integration:zoo.txt')).split('\n');
  expect(conflicts).toHaveLength(7);
  expect(lines[0]).toBe('zoo');
  expect(new Set(lines.slice(1))).toEqual(new Set(NAMES));
  expect(lines).toHaveLength(9);
  for (const name of NAMES) expect(await git('show', `integration:${name}.txt`)).toBe(`About the ${name}.`);
  expect(await git('rev-list', '--count', 'main..integration')).toBe('8');
  expect(await git('fsck', '--no-dangling')).toBe('');
  expect(await checkout()).toEqual(before);
  expect(new Set(places).size).toBe(8);
});

/** Each adds a file of its own, and a line where all others add theirs. */
function adding(name: string): Rule {
  const command = `sed -i '1a ${name}' zoo.txt && git add . && git commit -qm 'Add the ${name}'`;
  return {
    when: `Add the ${name}.`,
    answers: [
      { toolUse: { name: 'Bash', input: { command: 'pwd' } } },
      { toolUse: { name: 'Write', input: { file_path: `${name}.txt`, content: `About the ${name}.\n` } } },
      { toolUse: { name: 'Bash', input: { command } } },
      { text: `The ${name} is in.` },
    ],
  };
}

/** Keeps both sides of each conflict. */
function rebasing(): Rule {
  const both =
    "sed -i '/^[<=>]\\{7\\}/d' zoo.txt && git add zoo.txt && GIT_EDITOR=true git rebase --continue";
  const command = `git rebase integration || { ${both}; }`;
  return {
    when: 'does not fit into',
    answers: [{ toolUse: { name: 'Bash', input: { command } } }, { text: 'Rebased.' }],
  };
}
