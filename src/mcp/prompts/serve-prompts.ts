import type { Server } from '@modelcontextprotocol/sdk/server/index.js';
import { GetPromptRequestSchema, ListPromptsRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import type { Prompt } from '@modelcontextprotocol/sdk/types.js';
import { renderSkill } from '../../index.ts';
import type { Pool, Skill } from '../../index.ts';
import { protocolError } from '../protocol-error.ts';

/** Offers each skill as a prompt. Skills are looked up at every request, so that a changed file counts at once. */
export function servePrompts(server: Server, { skills }: Pool): void {
  server.setRequestHandler(ListPromptsRequestSchema, async (_request, { signal }) => ({
    prompts: (await skills.list({ signal })).map(promptOf),
  }));
  server.setRequestHandler(GetPromptRequestSchema, async ({ params }, { signal }) => {
    try {
      const skill = await skills.get(params.name, { signal });
      const text = renderSkill(skill, params.arguments);
      return {
        description: skill.description,
        messages: [{ role: 'user' as const, content: { type: 'text' as const, text } }],
      };
    } catch (error) {
      throw protocolError(error);
    }
  });
}

function promptOf({ name, description, arguments: args }: Skill): Prompt {
  return { name, title: name.replaceAll(/[-_]/g, ' '), description, arguments: [...args] };
}
