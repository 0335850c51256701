import type { TaskResult } from '../../index.ts';

/** What one has to know beside an answer, as lines: what Claude was denied, and where its work is. */
export function remarksOn({ denials, workspace }: TaskResult): readonly string[] {
  const tools = [...new Set(denials.map(({ toolName }) => toolName))];
  const work = workspace?.preservedRef ?? workspace?.commits.at(-1);
  return [
    ...(tools.length === 0
      ? []
      : [`Denied: ${tools.join(', ')}. See \`--permission-mode\` and \`--allowed-tools\`.`]),
    ...(workspace === undefined || work === undefined
      ? []
      : [`${summaryOf(workspace)}, merged into nothing: git diff ${workspace.base.slice(0, 12)} ${work}`]),
  ];
}

/** The last line of `git diff --stat`. */
function summaryOf({ diffStat }: { readonly diffStat: string }): string {
  return diffStat.split('\n').at(-1)?.trim() ?? '';
}
