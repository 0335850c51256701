import type { VerdictRow } from './verdict-row.ts';

/** Attempts whose prompt was never sent. */
export const OPENING_ROWS: readonly VerdictRow[] = [
  {
    id: 'open-login',
    verdict: 'auth',
    seen: 'the session did not open: `CLAUDE_AUTH`',
    when: notOpened('CLAUDE_AUTH'),
    reason: 'The session could not be opened: Claude needs a login.',
  },
  {
    id: 'open-options',
    verdict: 'invalidRequest',
    seen: 'the session did not open: `INVALID_OPTIONS`',
    when: notOpened('INVALID_OPTIONS'),
    reason: 'The session could not be opened with these options.',
  },
  {
    id: 'open-workspace',
    verdict: 'incomplete',
    seen: 'the workspace could not be had or put at its base: `WORKTREE`',
    when: notOpened('WORKTREE'),
    reason: 'The task has no workspace.',
    except: { move: 'operator' },
  },
  {
    id: 'open-lost',
    verdict: 'crashed',
    seen: 'the process was gone before the prompt was sent',
    when: notOpened('CRASHED'),
    reason: 'The session was lost before the prompt was sent.',
    except: { counts: false },
  },
  {
    id: 'open-failed',
    verdict: 'crashed',
    seen: 'the session did not open for any other reason',
    when: ({ openError }) => openError !== undefined,
    reason: 'The session could not be opened.',
  },
];

function notOpened(code: string): VerdictRow['when'] {
  return ({ openError }) => openError?.code === code;
}
