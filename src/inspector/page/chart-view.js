import { element, shape } from './element.js';

/** Draws a chart that was laid out, for one actor. */
export function chartView(name, { layout, chart }) {
  const parts = new Map();
  const svg = shape('svg', {
    viewBox: `0 0 ${layout.width} ${layout.height}`,
    width: layout.width,
    height: layout.height,
    role: 'img',
    'aria-label': `statechart of ${name}`,
  });
  const arrow = `arrow-${name}`;
  const tip = shape('marker', {
    id: arrow,
    viewBox: '0 0 8 8',
    refX: 7,
    refY: 4,
    markerWidth: 7,
    markerHeight: 7,
    orient: 'auto',
  });
  tip.append(shape('path', { d: 'M0 0L8 4L0 8Z' }));
  svg.append(shape('defs', {}, tip));
  for (const node of layout.children) svg.append(...stateShapes(node, parts));
  for (const edge of layout.edges) svg.append(edgeShape(edge, { arrow, parts }));
  const caption = element('figcaption', { className: 'name', textContent: name });
  const figure = element('figure', {}, caption, svg);
  figure.dataset.actor = name;
  const states = chart.states.flatMap(withDescendants);

  return {
    figure,
    light(value, remark) {
      const active = new Set(pathsOf(value));
      for (const { id, path } of states) parts.get(id).classList.toggle('lit', active.has(path.join('.')));
      caption.textContent = remark === undefined ? name : `${name} · ${remark}`;
      svg.setAttribute('aria-label', `statechart of ${name}, in ${[...active].join(' and ') || 'no state'}`);
    },
    flash(step) {
      const part = parts.get(step);
      if (part === undefined) return;
      part.classList.remove('flash');
      part.getBBox();
      part.classList.add('flash');
      setTimeout(() => part.classList.remove('flash'), 1_000);
    },
  };
}

function stateShapes(node, parts) {
  const { state, lines, x, y, width, height, children = [] } = node;
  const group = shape('g', { class: `state ${state.type}`, 'data-state': state.id });
  group.append(
    shape('rect', { x, y, width, height, rx: 6 }),
    text(state.isInitial ? `• ${state.name}` : state.name, { x: x + 10, y: y + 18 }),
    ...lines.map((line, index) => text(line, { x: x + 10, y: y + 31 + index * 11, class: 'stays' })),
  );
  parts.set(state.id, group);
  for (const { id } of state.stays) parts.set(id, group);
  return [group, ...children.flatMap((child) => stateShapes(child, parts))];
}

function edgeShape({ sections = [], labels = [] }, { arrow, parts }) {
  const group = shape('g', { class: 'edge' });
  for (const { startPoint, bendPoints = [], endPoint } of sections) {
    const [first, ...rest] = [startPoint, ...bendPoints, endPoint].map(({ x, y }) => `${x} ${y}`);
    group.append(shape('path', { d: `M${first}L${rest.join('L')}`, 'marker-end': `url(#${arrow})` }));
  }
  for (const { x, y, steps } of labels) {
    group.append(...steps.map(({ label }, index) => text(label, { x, y: y + 9 + index * 11 })));
    for (const { id } of steps) parts.set(id, group);
  }
  return group;
}

function text(content, attributes) {
  return shape('text', attributes, content);
}

function withDescendants(state) {
  return state.path.length === 0 ? [] : [state, ...state.states.flatMap(withDescendants)];
}

/** `{ open: { limit: 'clear' } }` is in `open`, `open.limit` and `open.limit.clear`. */
function pathsOf(value, prefix = '') {
  if (value === undefined) return [];
  if (typeof value === 'string') return [prefix + value];
  return Object.entries(value).flatMap(([key, inner]) => [
    prefix + key,
    ...pathsOf(inner, `${prefix}${key}.`),
  ]);
}
