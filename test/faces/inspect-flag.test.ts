import { readdir } from 'node:fs/promises';
import { on, once } from 'node:events';
import { createServer } from 'node:http';
import type { Stream } from 'node:stream';
import { processesMarked } from 'claude-pool/testing';
import { expect, test } from 'vitest';
import { claudeFile, scratch, start } from './command-line.ts';
import { mcpStage } from './mcp-stage.ts';

test('`demo --inspect` starts its tasks when the page is opened, shows them to their end, and leaves nothing', async () => {
  await using place = await scratch();
  const child = start(['demo', '--fake', '--slots', '1', '--tasks', '2', '--json', '--inspect'], place);

  const url = await addressIn(child.stderr);
  const stream = await fetch(`${url}stream`).then((response) => response.text());
  const { exitCode, stdout } = await child;

  expect([exitCode, JSON.parse(stdout).data.totals.completed]).toEqual([0, 2]);
  expect(stream).toMatch(/^event: picture\n/);
  expect(stream).toContain('"event":"task.submit"');
  expect(stream).toContain('"type":"state","name":"pool","state":"drained"');
  expect(stream).toMatch(/event: end\ndata: \{\}\n\n$/);
  expect([...(await processesMarked(place.folder)), ...(await readdir(place.temp))]).toEqual([]);
});

test('`run --inspect` tells the address on stderr, and stdout stays the answer', async () => {
  await using place = await scratch();
  const claude = await claudeFile(place.folder, { script: { rules: [] } });

  const { exitCode, stdout, stderr } = await start(
    ['run', 'Say hi.', '--claude', claude, '--inspect'],
    place,
  );

  expect([exitCode, stdout]).toEqual([0, 'echo: Say hi.\n']);
  expect(stderr).toMatch(/^Inspect the machines at http:\/\/127\.0\.0\.1:\d+\/[\w-]{32}\/\n$/);
});

test('`mcp --inspect` shows what its client has done, to the end', async () => {
  await using stage = await mcpStage({ script: { rules: [] }, flags: ['--inspect'] });
  const response = await fetch(`${await addressIn(stage.stderr)}stream`);

  const { task_id: taskId } = await stage.ask('pool_run', { prompt: 'Say hi.' });
  const left = await stage.leave();
  const stream = await response.text();

  expect(stream).toContain(`"type":"state","name":"${String(taskId)}","state":"completed"`);
  expect(stream).toMatch(/event: end\ndata: \{\}\n\n$/);
  expect(left).toEqual([]);
});

test('`--inspect` with a port that is taken fails before anything is asked of Claude', async () => {
  await using place = await scratch();
  const claude = await claudeFile(place.folder, { script: { rules: [] } });
  await using taken = await listening();
  const { port } = taken;

  const result = await start(['run', 'Say hi.', '--claude', claude, '--inspect', String(port)], place);

  expect(result).toMatchObject({ exitCode: 2, stdout: '' });
  expect(result.stderr).toContain(`got \`${port}\`, which is taken.`);
});

test('a port that is none is wrong usage', async () => {
  await using place = await scratch();

  const { exitCode, stderr } = await start(['run', '--inspect', 'Say hi.'], place);

  expect(exitCode).toBe(2);
  expect(stderr).toContain('Without one, `--inspect` stands last.');
});

/** Somebody else's server. */
async function listening(): Promise<AsyncDisposable & { readonly port: number }> {
  const server = createServer();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
  return { port, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

async function addressIn(stderr: Stream | null): Promise<string> {
  let all = '';
  if (stderr === null) throw new Error('Expected a stderr to read.');
  for await (const chunks of on(stderr, 'data', { close: ['end', 'close'] })) {
    all += String(chunks);
    const [address] = /http:\S+/.exec(all) ?? [];
    if (address !== undefined && all.includes('\n')) return address;
  }
  throw new Error(`Expected an address, got \`${all}\`.`);
}
