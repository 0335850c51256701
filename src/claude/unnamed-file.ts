import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface UnnamedFile {
  /** Leads to the file while this process holds it, for processes of the same user. */
  readonly path: string;
  readonly close: () => void;
}

/** A file that stands in no folder: it is gone when it is closed, or when this process ends, however that ends. Linux only. */
export function unnamedFile(text: string): UnnamedFile {
  const folder = mkdtempSync(join(tmpdir(), 'claude-pool-unnamed-'));
  try {
    const file = join(folder, 'file');
    writeFileSync(file, text, { mode: 0o600 });
    const descriptor = openSync(file, 'r');
    return { path: `/proc/${process.pid}/fd/${descriptor}`, close: () => closeSync(descriptor) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
