/** The file that `init` writes: every line that could be there, as a comment. `schema` is where editors find it. */
export function configTemplate(schema?: string): string {
  return schema === undefined ? TEMPLATE : `# yaml-language-server: $schema=${schema}\n${TEMPLATE}`;
}

const TEMPLATE = `# Options of claude-pool for this repository. Flags and CLAUDE_POOL_* variables win over them.
# What is commented out shows an example; \`docs/configuration.md\` of the package explains all keys.

# Claude sessions side by side.
# slots: 4

# Model and effort of tasks that name none: your Claude's own by default.
# model: sonnet
# effort: medium

# Spend at most this much per pool, in US dollars.
# budgetUsd: 10

# What Claude may do unasked: plan (changes nothing), acceptEdits, dontAsk, auto, default, bypassPermissions.
# permissionMode: acceptEdits
# allowedTools: [Read, Edit, 'Bash(npm test:*)']

# Time limit of one attempt, and attempts after the first.
# taskTimeoutMs: 900000
# retries: 2

# Whose git worktree tasks work in: slot, task or chain.
# workspace: slot

# Where the pool is kept, so that it survives its process. One pool at a time can use it.
# stateDir: .claude-pool/state

# How long running tasks may go on when a command ends its pool.
# drainTimeoutMs: 60000

# For \`claude-pool mcp\`: core or all tools, and who may approve results (human or agent).
# mcp: { tools: all, approvals: human }
`;
