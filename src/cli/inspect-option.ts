import { Option } from 'commander';
import { portNumber } from './flags.ts';

/** `--inspect [port]`, for each command that has a pool. */
export function inspectOption(): Option {
  const text = 'serve a page that shows the machines live, on 127.0.0.1 (default: any free port)';
  return new Option('--inspect [port]', text).argParser(portNumber);
}
