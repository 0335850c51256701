import { readFile, readdir } from 'node:fs/promises';

/**
 * Ids of the living processes that have this text in their environment. A session's processes are marked so,
 * whoever is their parent now. Linux only. A process that has ended and waits for its parent does not count.
 *
 * @example
 * await using pool = await createPool({ claude: { env: { MY_TEST: '7' } } });
 * await pool.drain();
 * console.log(await processesMarked('MY_TEST=7')); // []
 */
export async function processesMarked(mark: string): Promise<readonly number[]> {
  const ids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const marked = await Promise.all(ids.map((id) => hasMark(id, mark)));
  return ids.filter((_id, index) => marked[index] === true);
}

/** The environment of a process that has ended, or is another user's, cannot be read. */
async function hasMark(id: number, mark: string): Promise<boolean> {
  try {
    return (await readFile(`/proc/${id}/environ`, 'utf8')).includes(mark);
  } catch {
    return false;
  }
}
