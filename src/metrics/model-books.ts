import { usageBook } from './usage-book.ts';
import type { Usage, UsageBook } from './usage-book.ts';

const MOST_MODELS = 100;
const OTHERS = 'other';

export interface ModelBooks {
  readonly of: (model: string) => UsageBook;
  readonly read: () => Readonly<Record<string, Usage>>;
}

/** One book for each model, for the first hundred of them: the rest share one, because anybody can name a model. */
export function modelBooks(): ModelBooks {
  const books = new Map<string, UsageBook>();
  return {
    of(model) {
      const name = books.has(model) || books.size < MOST_MODELS ? model : OTHERS;
      const book = books.get(name) ?? usageBook();
      books.set(name, book);
      return book;
    },
    read: () => Object.fromEntries([...books].map(([model, book]) => [model, book.read()])),
  };
}
