import type { ClaudeProcess } from './claude-process.ts';
import { within } from './within.ts';

/** Ends an idle process. Each step is given its time before the next, harder one. */
export async function closeProcess(child: ClaudeProcess, stepMs: number): Promise<void> {
  await child.survey();
  // With a background task open, the end of its input alone does not end 2.1.330.
  child.send({ type: 'control_request', request_id: 'end', request: { subtype: 'end_session' } });
  child.endInput();
  if (!(await within(child.ended, stepMs))) {
    child.kill('SIGTERM');
    if (!(await within(child.ended, stepMs))) child.kill('SIGKILL');
  }
  await child.exited;
}

/** Ends the process at once. */
export async function killProcess(child: ClaudeProcess): Promise<void> {
  await child.survey();
  child.kill('SIGKILL');
  await child.exited;
}
