import { element, shape } from './element.js';

/** Draws a chart that was laid out, for one actor. */
export function chartView(name, { layout, chart, onChoose }) {
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
    markerWidth: 8,
    markerHeight: 8,
    markerUnits: 'userSpaceOnUse',
    orient: 'auto',
  });
  tip.append(shape('path', { d: 'M0 0L8 4L0 8Z' }));
  svg.append(shape('defs', {}, tip));
  for (const node of layout.children) svg.append(...stateShapes(node, parts));
  for (const edge of layout.edges) svg.append(edgeShape(edge, { arrow, parts }));
  const caption = element('figcaption', { className: 'name', textContent: name });
  const figure = element('figure', { onclick: () => onChoose(name) }, caption, svg);
  figure.dataset.actor = name;
  const states = chart.states.flatMap(withDescendants);

  return {
    figure,
    light(value, remark) {
      const active = new Set(pathsOf(value));
      for (const { id, path } of states) parts.get(id).classList.toggle('lit', active.has(path.join('.')));
      caption.replaceChildren(name, element('span', { className: 'faint', textContent: remark ?? '' }));
      svg.setAttribute('aria-label', `statechart of ${name}, in ${[...active].join(' and ') || 'no state'}`);
    },
    /** The way that led to where it is. */
    mark(steps) {
      for (const part of svg.querySelectorAll('.came')) part.classList.remove('came');
      for (const id of steps) parts.get(id)?.classList.add('came');
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
    shape('rect', { x, y, width, height, rx: 8 }),
    text(state.isInitial ? `• ${state.name}` : state.name, { x: x + 10, y: y + 19, class: 'title' }),
    ...lines.map((line, index) => text(line, { x: x + 10, y: y + 33 + index * 12, class: 'stays' })),
  );
  if (state.stays.length > 0) group.append(shape('title', {}, staysText(state)));
  parts.set(state.id, group);
  for (const { id } of state.stays) parts.set(id, group);
  return [group, ...children.flatMap((child) => stateShapes(child, parts))];
}

/** All that a state handles without being left; in the chart there is room for some. */
function staysText({ name, stays }) {
  return [`${name} handles`, ...new Set(stays.map(({ label }) => label))].join('\n');
}

function edgeShape({ sections = [], labels = [] }, { arrow, parts }) {
  const group = shape('g', { class: 'edge' });
  for (const { startPoint, bendPoints = [], endPoint } of sections) {
    const d = roundedPath([startPoint, ...bendPoints, endPoint]);
    group.append(shape('path', { d, 'marker-end': `url(#${arrow})` }));
  }
  for (const { x, y, width, height, steps } of labels) {
    group.append(shape('rect', { x: x - 2, y: y - 1, width: width + 4, height: height + 2, rx: 3 }));
    group.append(...steps.map(({ label }, index) => labelText(label, { x, y: y + 9 + index * 12 })));
    for (const { id } of steps) parts.set(id, group);
  }
  return group;
}

/** An event, and what it hangs on. */
function labelText(label, place) {
  const [, event = label, condition = ''] = /^(.*?)( \[.*)?$/.exec(label) ?? [];
  const node = shape('text', place, event);
  node.append(shape('tspan', { class: 'guard' }, condition));
  return node;
}

const CORNER_PX = 7;

/** Straight lines whose corners are round. */
function roundedPath(points) {
  const [start, ...rest] = points;
  const pieces = rest.map((point, index) => {
    const next = rest[index + 1];
    if (next === undefined) return `L${point.x} ${point.y}`;
    const before = towards(point, points[index]);
    const after = towards(point, next);
    return `L${before}Q${point.x} ${point.y} ${after}`;
  });
  return `M${start.x} ${start.y}${pieces.join('')}`;
}

function towards(corner, end) {
  const length = Math.hypot(end.x - corner.x, end.y - corner.y) || 1;
  const part = Math.min(CORNER_PX, length / 2) / length;
  return `${corner.x + (end.x - corner.x) * part} ${corner.y + (end.y - corner.y) * part}`;
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
