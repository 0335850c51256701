import { z } from 'zod';
import type Yaml from 'yaml';
import { lazily } from '../lazily.ts';
import { parse } from '../parse.ts';
import { settingsShape } from './settings-schema.ts';
import type { SkillArgument, SkillScope, SkillSettings } from './skill.ts';
import { isSkillName } from './skill-name.ts';
import { toolList } from './tool-list.ts';

const yaml = lazily((require): typeof Yaml => require('yaml'));

/** A skill as a program registers it. */
export interface SkillDraft {
  readonly name: string;
  readonly description: string;
  /** The instructions, with placeholders such as `{name}`, `$0` and `$ARGUMENTS`. */
  readonly prompt: string;
  readonly arguments?: readonly (Pick<SkillArgument, 'name'> & Partial<SkillArgument>)[];
  /** Who runs it. @default 'task' */
  readonly scope?: SkillScope;
  readonly argumentHint?: string;
  readonly settings?: SkillSettings;
}

const draftSchema = z.strictObject({
  name: z.string().refine(isSkillName, 'a name of letters, digits, `-` and `_`, at most 64 long'),
  description: z.string().trim().min(1),
  prompt: z.string().trim().min(1),
  arguments: z
    .array(
      z.strictObject({
        name: z.string().min(1),
        description: z.string().optional(),
        required: z.boolean().optional(),
      }),
    )
    .default([]),
  scope: z.enum(['task', 'chain', 'coordinator']).optional(),
  argumentHint: z.string().optional(),
  settings: z.strictObject(settingsShape).default({}),
});

/** The SKILL.md of a draft, in the form of the standard: metadata are texts. */
export function draftText(draft: SkillDraft): string {
  const { name, description, prompt, scope, argumentHint, ...rest } = parse(draftSchema, draft);
  const { allowedTools, ...others } = rest.settings;
  const tools = allowedTools?.join(' ');
  const isTold = tools === undefined || JSON.stringify(toolList(tools)) === JSON.stringify(allowedTools);
  const settings = isTold ? others : rest.settings;
  const metadata = {
    ...(scope !== undefined && { 'claude-pool-scope': scope }),
    ...(rest.arguments.length > 0 && { 'claude-pool-arguments': JSON.stringify(rest.arguments) }),
    ...(Object.keys(settings).length > 0 && { 'claude-pool-settings': JSON.stringify(settings) }),
  };
  const fields = {
    name,
    description,
    ...(argumentHint !== undefined && { 'argument-hint': argumentHint }),
    ...(isTold && tools !== undefined && { 'allowed-tools': tools }),
    ...(Object.keys(metadata).length > 0 && { metadata }),
  };
  return `---\n${yaml().stringify(fields, { lineWidth: 0 })}---\n\n${prompt}\n`;
}
