import type { ServerResponse } from 'node:http';
import type { FeedEntry } from './feed-entry.ts';
import type { Scene } from './scene.ts';

const BATCH_MS = 50;
const BOARD_MS = 200;
const MOST_ENTRIES = 2_000;
const MOST_BYTES = 4_000_000;

/** Somebody who looks at the page. */
export interface Viewer {
  /** Sends what is left, and that nothing more comes. */
  end(): void;
}

/** Sends a reader the whole picture, then what happens, in batches. Who cannot keep up gets the picture anew. */
export function serveViewer(response: ServerResponse, scene: Scene): Viewer {
  let batch: FeedEntry[] = [];

  function send(event: string, content: object): void {
    response.write(`event: ${event}\ndata: ${JSON.stringify(content)}\n\n`);
  }

  function sendPicture(): void {
    batch = [];
    const { isPast } = scene;
    send('picture', { isPast, ...scene.picture(), recent: scene.recent(), board: scene.board() });
  }

  function sendBatch(): void {
    if (batch.length > MOST_ENTRIES) return isClogged() ? undefined : sendPicture();
    if (isClogged()) return;
    send('entries', batch);
    batch = [];
  }

  function isClogged(): boolean {
    return response.writableLength > MOST_BYTES;
  }

  const batches = coalesced(BATCH_MS, sendBatch);
  const boards = coalesced(BOARD_MS, () => {
    if (!isClogged()) send('board', scene.board());
  });
  const leave = scene.subscribe((entry) => {
    if (batch.length <= MOST_ENTRIES) batch.push(entry);
    batches.soon();
    boards.soon();
  });
  response.on('drain', () => {
    if (batch.length > 0) batches.soon();
  });
  response.on('close', () => {
    leave();
    batches.stop();
    boards.stop();
  });
  sendPicture();
  return {
    end() {
      sendBatch();
      send('board', scene.board());
      send('end', {});
      response.end();
    },
  };
}

/** Does it once for all calls within that time. */
function coalesced(ms: number, act: () => void) {
  let timer: NodeJS.Timeout | undefined;
  return {
    soon() {
      timer ??= setTimeout(() => {
        timer = undefined;
        act();
      }, ms).unref();
    },
    stop: () => clearTimeout(timer),
  };
}
