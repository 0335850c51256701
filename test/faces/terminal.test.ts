import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { processesMarked } from 'claude-pool/testing';
import type { Script } from 'claude-pool/testing';
import { expect, test } from 'vitest';
import { poolDesk } from '../../src/cli/desk/pool-desk.ts';
import { deskServer } from '../../src/cli/remote/desk-server.ts';
import { createPool } from '../../src/index.ts';
import { gatedDriver } from '../pool/scripted-driver.ts';
import { claudeFile, scratch, seen, startInTerminal } from './command-line.ts';

const ESCAPE = String.fromCodePoint(27);
const SEQUENCE = new RegExp(String.raw`${ESCAPE}\[[0-9;?]*[A-Za-z]`, 'g');
const script: Script = {
  rules: [
    { when: 'long', answers: [{ text: Array.from({ length: 8 }, () => 'many words '), pieceDelayMs: 60 }] },
  ],
};

test('on a narrow terminal without colours a fan-out draws its table in place, and then prints the answers', async () => {
  await using place = await scratch();
  const file = path.join(place.folder, 'prompts.txt');
  await writeFile(file, 'a long prompt\nanother long prompt\nshort\n');
  const claude = await claudeFile(place.folder, { script });

  const { stdout, exitCode } = await startInTerminal(['fan-out', file, '--claude', claude], {
    env: { ...place.env, NO_COLOR: '1' },
    rows: 12,
    columns: 60,
  });

  const [drawn = '', ...answers] = stdout.split('## task-');
  expect(exitCode).toBe(0);
  expect(drawn).toMatch(/busy {7}a long pro… +\d\.\ds \$0\.0000 {2}\S/);
  expect(drawn).toContain('words');
  expect(drawn.match(/slot {5}state/g)).toHaveLength(1);
  expect(stdout.match(SEQUENCE)?.filter((sequence) => sequence.endsWith('m'))).toEqual([]);
  expect(widestOf(drawn)).toBeLessThan(60);
  expect(answers.filter((answer) => /^\S+ completed/.test(answer))).toHaveLength(3);
  expect(stdout.endsWith(`${ESCAPE}[?25h`)).toBe(true);
  expect(await processesMarked(place.folder)).toEqual([]);
});

test('`top` shows a pool that runs, as it changes, until Ctrl-C', async () => {
  await using place = await scratch();
  const claude = gatedDriver();
  await using pool = await createPool({ driver: claude.driver, slots: 2 });
  await using server = await deskServer(poolDesk(pool), place.folder);
  const top = startInTerminal(['top', '--state-dir', place.folder], { ...place, rows: 12, columns: 80 });
  await seen(top.stdout, 'slot-1');

  const id = await pool.submit('ponder');
  await seen(top.stdout, 'ponder');
  claude.say('ponder', 'hm, well');
  await seen(top.stdout, 'hm, well');
  claude.open('ponder');
  await pool.wait(id);
  await seen(top.stdout, '1 completed');
  top.stdin.write('\u0003');

  expect(await top).toMatchObject({ exitCode: 130 });
  expect(server.socket).toContain(place.folder);
  expect(pool.status().state).toBe('open');
});

/** Of the lines that were drawn. */
function widestOf(drawn: string): number {
  const lines = drawn.replaceAll(SEQUENCE, '\n').split(/[\r\n]+/);
  return Math.max(...lines.map((line) => line.length));
}
