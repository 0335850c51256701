import { text } from 'node:stream/consumers';

/** All that stdin holds. An abort closes it, so that it does not keep the process alive. */
export async function readStdin(signal: AbortSignal): Promise<string> {
  const { stdin } = process;
  const close = (): void => void stdin.destroy();
  if (stdin.isTTY) process.stderr.write('Type the prompt and end it with Ctrl-D.\n');
  signal.addEventListener('abort', close, { once: true });
  try {
    return await text(stdin);
  } catch (error) {
    throw signal.aborted ? signal.reason : error;
  } finally {
    signal.removeEventListener('abort', close);
  }
}
