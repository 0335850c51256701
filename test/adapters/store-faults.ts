import { connect } from '../../src/store/connection.ts';
import type { Connect } from '../../src/store/connection.ts';

export interface Fault {
  /** The first statement that matches fails. */
  readonly at: RegExp;
  readonly code: string;
  /** Whether the statement is carried out before it fails, as a commit may be whose answer is lost. */
  readonly isDone?: boolean;
}

/** Real connections, of which one statement fails as SQLite lets it fail. */
export function faultyConnect(fault: () => Fault | undefined): Connect {
  return (file) => {
    const connection = connect(file);
    return {
      ...connection,
      exec: (sql) => failing(fault(), sql, () => connection.exec(sql)),
      run: (sql, values) => failing(fault(), sql, () => connection.run(sql, values)),
    };
  };
}

function failing(fault: Fault | undefined, sql: string, work: () => void): void {
  if (fault === undefined || !fault.at.test(sql)) {
    work();
    return;
  }
  if (fault.isDone === true) work();
  throw Object.assign(new Error(`injected ${fault.code}`), { code: fault.code });
}
