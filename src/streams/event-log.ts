import { EventEmitter } from 'eventemitter3';
import type { Timestamp } from '../../machines/types.ts';
import type { PoolEvent, StatusChange } from '../events.ts';
import { stream } from './stream.ts';
import type { Stream } from './stream.ts';

type Listener = (event: PoolEvent) => void;
type DistributiveOmit<Union, Key extends PropertyKey> = Union extends unknown ? Omit<Union, Key> : never;

/** An event before it has its place in the order. */
export type EventDraft = DistributiveOmit<PoolEvent, 'seq' | 'at' | 'change'>;

export interface EventLog {
  /** Gives the event its number and tells everybody. */
  publish(draft: EventDraft): PoolEvent;
  on(type: string, listener: Listener): () => void;
  read(signal: AbortSignal | undefined): AsyncIterable<PoolEvent>;
  /** Readers get what is there and then end. */
  end(): void;
}

export interface EventLogOptions {
  readonly now: () => Timestamp;
  /** Number of the last event before. */
  readonly last: number;
  /** What has changed since it was last asked. @default nobody keeps account */
  readonly statusChange?: () => StatusChange | undefined;
}

/** The pool's events, numbered in the order in which they happened. */
export function eventLog({ now, last, statusChange }: EventLogOptions): EventLog {
  const emitter = new EventEmitter<string>();
  const readers = new Set<Stream<PoolEvent>>();
  let seq = last;
  let isOver = false;

  return {
    publish(draft) {
      seq += 1;
      const change = statusChange?.();
      const event: PoolEvent = { seq, at: now(), ...draft, ...(change && { change }) };
      for (const reader of readers) reader.push(event);
      emitter.emit(event.type, event);
      emitter.emit('event', event);
      return event;
    },
    on(type, listener) {
      const heard = guarded(listener);
      emitter.on(type, heard);
      return () => emitter.off(type, heard);
    },
    read(signal) {
      const reader = stream<PoolEvent>({
        signal,
        missed: (count, { seq: latest, at }) => ({ type: 'events.missed', seq: latest, at, count }),
        onClose: () => readers.delete(reader),
      });
      readers.add(reader);
      if (isOver) reader.end();
      return reader;
    },
    end() {
      isOver = true;
      for (const reader of readers) reader.end();
    },
  };
}

/** What a listener throws is its own: it surfaces as an uncaught exception, and the pool goes on. */
function guarded(listener: Listener): Listener {
  return (event) => {
    try {
      listener(event);
    } catch (error) {
      queueMicrotask(() => {
        throw error;
      });
    }
  };
}
