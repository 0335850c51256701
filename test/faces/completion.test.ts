import { execa } from 'execa';
import { expect, test } from 'vitest';
import { commandLine } from '../../src/cli/command-line.ts';
import { completionScript } from '../../src/cli/completion/completion-script.ts';

for (const [typed, offered] of [
  [['do'], ['doctor']],
  [['--ver'], ['--version']],
  [['run', '--eff'], ['--effort']],
  [
    ['run', '--effort', 'm'],
    ['min', 'medium', 'max'],
  ],
  [['run', '-e', 'x'], ['xhigh']],
  [['run', '--model', ''], []],
  [['run', 'mcp', '--appr'], []],
  [['mcp', '--tools', 'a'], ['all']],
  [['completion', 'b'], ['bash']],
] as const) {
  test(`bash completes ${JSON.stringify(typed)} with ${JSON.stringify(offered)}`, async () => {
    expect(await completions(typed)).toEqual(offered);
  });
}

test('bash loads the script twice without a word, and falls back to files', async () => {
  const script = completionScript(commandLine(), 'bash');

  const { stdout, stderr } = await bash(`${script}\n${script}\ncomplete -p claude-pool`);

  expect([stdout, stderr]).toEqual(['complete -o default -F _claude_pool claude-pool', '']);
});

test('what is typed is never carried out', async () => {
  expect(await completions(['run', '$(echo doomed >&2)', '`echo doomed >&2`', '--eff'])).toEqual([
    '--effort',
  ]);
});

async function completions(typed: readonly string[]): Promise<readonly string[]> {
  const words = ['claude-pool', ...typed].map((word) => `'${word}'`).join(' ');
  const { stdout, stderr } = await bash(
    [
      completionScript(commandLine(), 'bash'),
      `COMP_WORDS=(${words}); COMP_CWORD=${typed.length}`,
      '_claude_pool; printf "%s\\n" "${COMPREPLY[@]}"',
    ].join('\n'),
  );
  expect(stderr).toBe('');
  return stdout.split('\n').filter((line) => line !== '');
}

function bash(script: string) {
  return execa('bash', ['--noprofile', '--norc'], { input: script });
}
