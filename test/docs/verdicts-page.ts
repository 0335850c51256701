import { format, resolveConfig } from 'prettier';
import { openTask } from '../../machines/task.ts';
import { VERDICT_ROWS } from '../../machines/verdict-rows.ts';
import type { VerdictRow } from '../../machines/verdict-row.ts';
import type { VerdictName } from '../../machines/verdict-types.ts';
import { VERDICTS } from '../../machines/verdict.ts';
import { outcomeOf } from '../../src/views/task-info.ts';

const INTRODUCTION = `
# Verdicts

Every attempt ends in one verdict. It rests on all that was seen: the CLI's result, the end of the process, what the
pool itself interrupted. Exit code 0 and \`subtype: "success"\` prove nothing: the CLI prints both for attempts that failed.

You find it as \`verdict\` in a result, in \`pool.task(id)\` and in a \`PoolError\`; \`pool.task(id).reason\` says in a sentence
what it rests on. This page is made from the data that the code runs.

## What each verdict means

- **ok**: the task has its answer. Read \`denials\` too when the verdict is \`succeededWithDenials\`.
- **tried again**: the pool tries again by itself, with a backoff, as long as \`retries\` allows.
- **counts**: the attempt counts against \`retries\`.
- **whose move**: who can act on it. The *caller* changes the task, the *operator* mends the account or the machine, the
  *pool* waits, or starts a new process.
- **error**: the \`code\` of the \`PoolError\` (see [troubleshooting](troubleshooting.md)) when the task ends with it.
`;

const ORDER = `
## How it is found

The first row that fits decides. What no row knows, such as a word of a future version of the CLI, is \`incomplete\`.
An *answer* is a result with \`subtype: "success"\` and \`is_error: false\`; an *error* is any other result. Rows 1 to ${indexOf('open-tasks')}
read results of both kinds, unless the pool had interrupted the attempt. Where the API refused and the result has no status,
that of the last retry stands in.
`;

/** `docs/verdicts.md`, from the data that the code runs. */
export async function verdictsPage(file: string, footer: string): Promise<string> {
  const text = [INTRODUCTION, verdictTable(), ORDER, rowTable(), `\n${footer}`].join('\n');
  return format(text, { ...(await resolveConfig(file)), filepath: file });
}

function verdictTable(): string {
  return table(
    ['verdict', 'ok', 'tried again', 'counts', 'whose move', 'error'],
    verdictNames().map((name) => {
      const { ok, retry, counts, move } = VERDICTS[name];
      return [code(name), yes(ok), yes(retry), yes(counts), move, ok ? '' : code(errorCodeOf(name))];
    }),
  );
}

function rowTable(): string {
  return table(
    ['', 'row', 'what was seen', 'verdict'],
    VERDICT_ROWS.map((row, index) => [
      String(index + 1),
      code(row.id),
      row.seen,
      code(row.verdict) + exceptionOf(row),
    ]),
  );
}

function indexOf(rowId: string): number {
  return VERDICT_ROWS.findIndex(({ id }) => id === rowId);
}

function verdictNames(): readonly VerdictName[] {
  return Object.keys(VERDICTS).filter((name): name is VerdictName => name in VERDICTS);
}

function errorCodeOf(name: VerdictName): string {
  const task = openTask({ id: 'task', prompt: '', options: {}, seq: 0, submittedAt: 0 });
  const verdict = { name, ...VERDICTS[name], reason: '' };
  const outcome = outcomeOf({ state: 'failed', context: { ...task, verdict } });
  return outcome.status === 'completed' ? '' : outcome.error.code;
}

function exceptionOf({ except = {} }: VerdictRow): string {
  const parts = [
    except.retry === false ? 'not tried again' : [],
    except.counts === false ? 'does not count' : [],
    except.move === undefined ? [] : `${except.move}'s move`,
  ].flat();
  return parts.length === 0 ? '' : ` (${parts.join(', ')})`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function yes(is: boolean): string {
  return is ? 'yes' : 'no';
}

function code(text: string): string {
  return `\`${text}\``;
}
