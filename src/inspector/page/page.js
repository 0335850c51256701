import { boardView } from './board-view.js';
import { chartView } from './chart-view.js';
import { byId, element } from './element.js';
import { layoutOf } from './layout.js';
import { listView } from './list-view.js';
import { send } from './orders.js';
import { recording } from './recording.js';

const MOST_SLOT_CHARTS = 8;

const record = recording();
const charts = new Map(
  (await fetch('charts').then((answer) => answer.json())).map((chart) => [chart.machine, chart]),
);
const elk = new globalThis.ELK({ workerUrl: 'elk-worker.min.js' });
const layouts = new Map();
const views = new Map();
const board = boardView({ onChoose: choose });
const work = listView(byId('work'), { rowOf: workRow, onChoose: ({ name }) => choose(name) });
const sequence = listView(byId('sequence'), { rowOf: eventRow, onChoose: stopAt });

let chosen;
let lastBoard;
let heard = [];
let shownEvents = [];
let isDue = false;

/** However much is heard, there is one drawing for each frame. */
function drawSoon() {
  if (isDue) return;
  isDue = true;
  requestAnimationFrame(() => {
    isDue = false;
    draw();
  });
}

function draw() {
  if (lastBoard !== undefined) board.show(lastBoard, chosen);
  drawWork();
  drawSequence();
  drawCharts();
}

function drawWork() {
  const wanted = byId('find').value.toLowerCase();
  const items = [...record.actors.values()].filter((actor) => isWork(actor) && isFound(actor, wanted));
  byId('work-count').textContent = `· ${items.length}`;
  work.show(items, { isChosen: ({ name }) => name === chosen });
}

function isWork({ machine }) {
  return machine === 'task' || machine === 'chain';
}

function isFound({ name, prompt = '', state }, wanted) {
  return wanted === '' || `${name} ${prompt} ${JSON.stringify(state)}`.toLowerCase().includes(wanted);
}

function workRow({ name, prompt = '', passivated }) {
  return [
    element('span', { className: 'name', textContent: name.slice(0, 13) }),
    ` ${stateText(record.stateOf(name))}${passivated ? ' (record)' : ''} `,
    element('span', { className: 'faint', textContent: prompt }),
  ];
}

function drawSequence() {
  const { cursor } = record;
  const wanted = byId('actor').value;
  const events = record
    .entries()
    .filter(
      (entry) =>
        entry.type === 'event' && (wanted === '' || entry.source === wanted || entry.target === wanted),
    );
  sequence.show(events, { isChosen: ({ seq }) => seq === cursor, follows: cursor === undefined });
  shownEvents = events;
  byId('position').textContent =
    cursor === undefined
      ? `live · ${events.length} events`
      : `at ${cursor} of ${record.entries().at(-1)?.seq ?? 0}`;
  byId('pause').setAttribute('aria-pressed', cursor !== undefined);
  byId('pause').textContent = cursor === undefined ? 'pause' : 'go on';
  drawFilter();
}

/** Actors are many: those that have a fixed place, and the chosen one. */
function drawFilter() {
  const select = byId('actor');
  const names = ['pool', 'directory', ...slotNames(), ...(chosen === undefined ? [] : [chosen])];
  const wanted = ['', ...new Set(names)];
  const present = [...select.options].map(({ value }) => value);
  if (wanted.join() === present.join()) return;
  const { value } = select;
  select.replaceChildren(
    ...wanted.map((name) => element('option', { value: name, textContent: name || 'all actors' })),
  );
  if (wanted.includes(value)) select.value = value;
}

function eventRow({ source = 'outside', target, event }) {
  return [
    element('span', {
      className: 'faint name',
      textContent: `${source.slice(0, 13)} → ${target.slice(0, 13)} `,
    }),
    element('span', { className: 'name', textContent: event }),
  ];
}

function drawCharts() {
  const names = ['pool', ...slotNames().slice(0, MOST_SLOT_CHARTS)];
  if (chosen !== undefined && !names.includes(chosen)) names.splice(1, 0, chosen);
  for (const name of names) void place(name);
  for (const [name, { figure }] of views) if (!names.includes(name)) figure.remove();
  const wanted = names.flatMap((name) => views.get(name)?.figure ?? []);
  const box = byId('charts');
  if (wanted.some((figure, index) => box.children[index] !== figure)) box.replaceChildren(...wanted);
  for (const name of names) {
    const { passivated } = record.actors.get(name) ?? {};
    const state = record.stateOf(name);
    views.get(name)?.light(state, `${stateText(state)}${passivated ? ', kept as its record' : ''}`);
  }
  if (record.cursor === undefined)
    for (const { name, taken = [] } of heard) for (const id of taken) views.get(name)?.flash(id);
  heard = [];
}

async function place(name) {
  const chart = charts.get(record.actors.get(name)?.machine);
  if (views.has(name) || chart === undefined) return;
  layouts.set(chart.machine, layouts.get(chart.machine) ?? layoutOf(chart, elk));
  const layout = await layouts.get(chart.machine);
  if (!views.has(name)) views.set(name, chartView(name, { layout, chart }));
  if (views.size > 40)
    views.delete([...views.keys()].find((old) => old.startsWith('task-') && old !== chosen));
  drawSoon();
}

function slotNames() {
  return [...record.actors.values()]
    .flatMap(({ name, machine }) => (machine === 'slot' ? [name] : []))
    .toSorted((left, right) => numberOf(left) - numberOf(right));
}

function numberOf(slotName) {
  return Number(slotName.replace('slot-', ''));
}

function stateText(state) {
  if (state === undefined || typeof state === 'string') return state ?? '';
  return Object.entries(state)
    .map(([key, inner]) => `${key}.${stateText(inner)}`)
    .join(' ');
}

function choose(name) {
  chosen = name;
  void showDetail(name);
  drawSoon();
}

async function showDetail(name) {
  const answer = await fetch(`actors/${encodeURIComponent(name)}`).catch(() => undefined);
  if (answer?.ok === true && name === chosen)
    byId('detail').textContent = JSON.stringify(await answer.json(), undefined, 2);
}

function stopAt(entry) {
  record.moveTo(entry.seq);
  byId('detail').textContent = JSON.stringify(entry, undefined, 2);
  drawSoon();
}

function step(direction) {
  const { cursor = Infinity } = record;
  const here = shownEvents.findIndex(({ seq }) => seq >= cursor);
  const index = here === -1 ? shownEvents.length : here;
  sequence.choose(index + direction);
}

function pause() {
  const last = record.entries().at(-1)?.seq;
  record.moveTo(record.cursor === undefined ? last : undefined);
  drawSoon();
}

byId('back').addEventListener('click', () => step(-1));
byId('forth').addEventListener('click', () => step(1));
byId('pause').addEventListener('click', pause);
byId('find').addEventListener('input', drawSoon);
byId('actor').addEventListener('change', drawSoon);
document.addEventListener('keydown', (event) => {
  if (event.target instanceof HTMLInputElement || event.ctrlKey || event.metaKey) return;
  const keys = {
    ' ': event.target instanceof HTMLButtonElement ? undefined : pause,
    ArrowLeft: () => step(-1),
    ArrowRight: () => step(1),
    '/': () => byId('find').focus(),
    c: () => chosen?.startsWith('task-') && void send({ order: 'cancel', taskId: chosen }),
  };
  if (keys[event.key] === undefined) return;
  event.preventDefault();
  keys[event.key]();
});

function connected(state, text) {
  byId('connection').dataset.state = state;
  byId('connection').textContent = text;
}

const source = new EventSource('stream');
source.addEventListener('picture', ({ data }) => {
  const picture = JSON.parse(data);
  record.replace(picture);
  lastBoard = picture.board;
  connected('live', picture.omitted === 0 ? 'live' : `live · ${picture.omitted} waiting tasks not shown`);
  drawSoon();
});
source.addEventListener('entries', ({ data }) => {
  const entries = JSON.parse(data);
  record.add(entries);
  heard.push(...entries);
  if (entries.some(({ type, name }) => type === 'state' && name === chosen)) void showDetail(chosen);
  drawSoon();
});
source.addEventListener('board', ({ data }) => {
  lastBoard = JSON.parse(data);
  drawSoon();
});
source.addEventListener('end', () => {
  source.close();
  connected('ended', 'the pool has ended; what was recorded stays');
});
source.addEventListener('error', () => connected('lost', 'connection lost; trying again'));
