import type { OpenDesk } from '../desk/open-desk.ts';
import type { Progress } from '../live/progress.ts';
import type { Stop } from '../stop-signals.ts';
import { tellDelay } from './tell-delay.ts';
import type { TextPrinter } from './text-printer.ts';

/** Prints the text of one task as it comes, and on stderr why it does not go on. */
export async function followText(
  { desk, isShared }: OpenDesk,
  { stop, printer }: { readonly stop: Stop; readonly printer: TextPrinter },
): Promise<Progress> {
  const leave = new AbortController();
  const { signal } = leave;
  const news = await desk.news({ signal });
  let printing: Promise<void> | undefined;

  async function tellNews(id: string): Promise<void> {
    for await (const item of news) if (item.id === id) tellDelay(item, { isShared, stop });
  }

  async function printText(id: string): Promise<void> {
    for await (const piece of await desk.output({ id, signal })) printer.print(piece);
  }

  return {
    watch([id = ''] = []) {
      tellNews(id).catch(() => undefined);
      printing = printText(id).catch(() => undefined);
    },
    async end(ids) {
      if (ids.length > 0) await printing;
      leave.abort();
      await printing;
    },
  };
}
