const CHARACTER_PX = 7.6;
const SMALL_PX = 5.8;
const WIDEST_LINE = 34;
const MOST_LINES = 2;

const OPTIONS = {
  'elk.algorithm': 'layered',
  'elk.direction': 'DOWN',
  'elk.hierarchyHandling': 'INCLUDE_CHILDREN',
  'elk.json.shapeCoords': 'ROOT',
  'elk.json.edgeCoords': 'ROOT',
  'elk.layered.spacing.nodeNodeBetweenLayers': '28',
  'elk.spacing.nodeNode': '20',
  'elk.spacing.edgeLabel': '3',
  'elk.padding': '[top=28,left=14,bottom=14,right=14]',
};

/** Places the states and edges of a chart. */
export function layoutOf(chart, elk) {
  return elk.layout({
    id: `layout of ${chart.machine}`,
    layoutOptions: OPTIONS,
    children: chart.states.map(nodeOf),
    edges: chart.edges.map((edge, index) => ({
      id: `edge ${index}`,
      sources: [edge.source],
      targets: [edge.target],
      labels: [labelOf(edge)],
    })),
  });
}

function nodeOf(state) {
  const lines = linesOf(state.stays);
  const width =
    Math.max((state.name.length + 2) * CHARACTER_PX, ...lines.map((line) => line.length * SMALL_PX)) + 20;
  return {
    id: state.id,
    state,
    lines,
    layoutOptions: { 'elk.padding': `[top=${32 + lines.length * 12},left=14,bottom=14,right=14]` },
    ...(state.states.length === 0 ? { width, height: 30 + lines.length * 12 } : {}),
    children: state.states.map(nodeOf),
  };
}

function labelOf({ steps }) {
  const longest = Math.max(...steps.map(({ label }) => label.length));
  return { text: steps[0].label, steps, width: longest * SMALL_PX, height: steps.length * 12 };
}

/** Names of events, as many on a line as fit. */
function linesOf(stays) {
  const lines = [];
  for (const name of new Set(stays.map(({ label }) => label.replace(/ \[.*/, '')))) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + name.length < WIDEST_LINE)
      lines[lines.length - 1] = `${last}, ${name}`;
    else lines.push(name);
  }
  if (lines.length <= MOST_LINES) return lines;
  const shown = lines.slice(0, MOST_LINES);
  const rest = lines.slice(MOST_LINES).flatMap((line) => line.split(', ')).length;
  return [...shown.slice(0, -1), `${shown.at(-1)}, +${rest}`];
}
