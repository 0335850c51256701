import { openDesk } from '../desk/open-desk.ts';
import { singlePoolOptionsOf } from '../pool-options-of.ts';
import { doWork } from '../work/do-work.ts';
import { singleTask } from '../work/single-task.ts';
import { taskOptionsOf } from '../work/task-options-of.ts';
import type { SkillRunFlags } from './skill-command.ts';

/** `claude-pool skill run`. Resolves with the exit code. */
export function runSkill(name: string, values: readonly string[], flags: SkillRunFlags): Promise<number> {
  return doWork(flags, async (signal) => ({
    open: () => openDesk(flags, singlePoolOptionsOf(flags), signal),
    ...singleTask(flags),
    submit: async ({ desk }) => [
      await desk.submitSkill({ name, args: flags.arg ?? values, options: taskOptionsOf(flags), signal }),
    ],
  }));
}
