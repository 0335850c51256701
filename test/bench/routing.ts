/**
 * How often the router of `pool_auto` finds the right route. By default its answers are simulated: that shows that cases,
 * hints and counting work, and nothing of Claude. `--real` asks your own Claude, and costs a few cents.
 */
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { InMemoryTransport } from '@modelcontextprotocol/sdk/inMemory.js';
import { createPool } from '../../dist/src/index.js';
import { mcpServer } from '../../dist/src/mcp/index.js';
import { fakeClaude } from '../../dist/src/testing/index.js';
import { ROUTING_CASES } from './routing-cases.ts';
import type { RoutingCase } from './routing-cases.ts';

const isReal = process.argv.includes('--real');
const script = {
  rules: ROUTING_CASES.map(({ prompt, answer }) => ({
    when: `<task>\n${prompt}\n</task>`,
    answers: [{ toolUse: { name: 'StructuredOutput', input: answer } }, { text: 'routed' }],
    times: 1,
  })),
};

await using pool = await createPool({
  slots: 1,
  budgetUsd: 1,
  ...(!isReal && { claude: fakeClaude({ script }) }),
});
const [near, far] = InMemoryTransport.createLinkedPair();
const client = new Client({ name: 'routing', version: '1.0.0' });
await mcpServer({ pool, tools: 'all' }).connect(far);
await client.connect(near);

const rows = [];
for (const each of ROUTING_CASES) rows.push(await judge(each));
await client.close();
const errors = rows.filter(({ verdict }) => verdict === 'error').length;
const right = rows.filter(({ verdict }) => verdict === 'right').length;
const judged = rows.length - errors;
const accuracy = judged === 0 ? 0 : right / judged;
const summary = { simulated: !isReal, cases: rows.length, errors, right, accuracy };
if (process.argv.includes('--json')) console.log(JSON.stringify({ summary, cases: rows }, undefined, 2));
else {
  console.table(rows);
  console.log(
    `${right} of ${judged} right (${(100 * accuracy).toFixed(0)} %), ${errors} errors, $${pool.status().spendUsd.toFixed(4)}`,
  );
  if (!isReal) console.log('The answers were simulated: this says nothing of Claude. Give --real to ask it.');
}
process.exitCode = errors === 0 && (isReal || right === judged) ? 0 : 1;

async function judge({ label, prompt, hints = {}, right: wanted }: RoutingCase) {
  const call = { name: 'pool_route_with_hints', arguments: { prompt, ...hints } };
  const { structuredContent, isError, content } = await client.callTool(call);
  const told = { label, wanted: wanted === 'any' ? wanted : wanted.join(' or ') };
  if (isError === true) return { ...told, got: JSON.stringify(content), verdict: 'error' };
  const { route, fallback } = Object(structuredContent);
  return {
    ...told,
    got: fallback === undefined ? route : `${route} (${fallback})`,
    verdict: wanted === 'any' || wanted.includes(route) ? 'right' : 'wrong',
  };
}
