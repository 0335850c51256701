import { InvalidArgumentError, Option } from 'commander';
import { portNumber } from './flags.ts';

/** `--inspect [port]`, for each command that has a pool. */
export function inspectOption(): Option {
  const text = 'serve a page that shows the machines live, on 127.0.0.1 (default: any free port)';
  return new Option('--inspect [port]', text).argParser(portOrHint);
}

/** A prompt that follows would be taken for a port. */
function portOrHint(text: string): number {
  try {
    return portNumber(text);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new InvalidArgumentError(`${message} Without one, \`--inspect\` stands last.`);
  }
}
