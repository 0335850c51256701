import { stream } from './stream.ts';
import type { Stream } from './stream.ts';

export interface LiveOutput {
  /** Takes a piece of a running task's text. */
  push(taskId: string, text: string): void;
  /** The task has ended: its text is dropped and its readers end. */
  end(taskId: string): void;
  /** No task runs any more. */
  endAll(): void;
  read(taskId: string, signal: AbortSignal | undefined): AsyncIterable<string>;
  /** What there is of it so far. */
  textOf(taskId: string): string;
}

interface Channel {
  text: string;
  readonly readers: Set<Stream<string>>;
}

/** Of a task's text, what a reader that comes late can still get: the last million characters. */
const KEPT_CHARACTERS = 1_000_000;

/** The text that running tasks stream. */
export function liveOutput(): LiveOutput {
  const channels = new Map<string, Channel>();

  function channelOf(taskId: string): Channel {
    const channel = channels.get(taskId) ?? { text: '', readers: new Set() };
    channels.set(taskId, channel);
    return channel;
  }

  function end(taskId: string): void {
    for (const reader of channels.get(taskId)?.readers ?? []) reader.end();
    channels.delete(taskId);
  }

  return {
    push(taskId, text) {
      const channel = channelOf(taskId);
      channel.text = (channel.text + text).slice(-KEPT_CHARACTERS);
      for (const reader of channel.readers) reader.push(text);
    },
    end,
    textOf: (taskId) => channels.get(taskId)?.text ?? '',
    endAll: () => [...channels.keys()].forEach(end),
    read(taskId, signal) {
      const channel = channelOf(taskId);
      const reader = stream<string>({ signal, onClose: () => channel.readers.delete(reader) });
      channel.readers.add(reader);
      if (channel.text !== '') reader.push(channel.text);
      return reader;
    },
  };
}
