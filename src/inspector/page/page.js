import { boardView } from './board-view.js';
import { chartView } from './chart-view.js';
import { byId, element } from './element.js';
import { arrowRow, drawLanes, lanesOf } from './lanes.js';
import { layoutOf } from './layout.js';
import { listView } from './list-view.js';
import { send } from './orders.js';
import { recording } from './recording.js';
import { openStately, tellStately } from './stately-window.js';

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
const sequence = listView(byId('sequence'), { rowOf: eventRow, onChoose: stopAt, rowPx: 30 });

let chosen;
let isPast = false;
let pastBoard;
let heard = [];
let shownEvents = [];
let isDue = false;
let lanes = lanesOf([]);

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
  const shown = isPast && record.cursor !== undefined ? pastBoard : record.board();
  if (shown !== undefined) board.show(shown, { chosen, isLive: !isPast && record.cursor === undefined });
  drawWork();
  drawSequence();
  drawCharts();
}

function drawWork() {
  const wanted = byId('find').value.toLowerCase();
  const items = [...record.actors.values()].filter(
    (actor) => isWork(actor) && record.stateOf(actor.name) !== undefined && isFound(actor, wanted),
  );
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
    stateMark(record.stateOf(name), passivated ? 'kept as its record' : ''),
    element('span', { className: 'faint', textContent: prompt }),
  ];
}

/** A dot in the colour of the state, and its name. */
function stateMark(state, title) {
  const text = stateText(state);
  const mark = element('span', {
    className: 'state-mark',
    textContent: text.split('.').at(-1),
    title: title || text,
  });
  mark.dataset.state = text.split('.')[0];
  return mark;
}

function drawSequence() {
  const { cursor } = record;
  lanes = lanesOf(slotNames());
  drawLanes(lanes);
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
      ? `${isPast ? 'end' : 'live'} · ${events.length} events`
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

function eventRow(entry) {
  return arrowRow(entry, lanes);
}

function drawCharts() {
  const names = ['pool', ...slotNames().slice(0, MOST_SLOT_CHARTS)];
  if (charts.has(machineOf(chosen)) && !names.includes(chosen)) names.unshift(chosen);
  const focus = names.includes(chosen) ? chosen : 'pool';
  for (const name of names) void place(name);
  for (const [name, { figure }] of views) if (!names.includes(name)) figure.remove();
  const wanted = names.flatMap((name) => views.get(name)?.figure ?? []);
  const box = byId('charts');
  if (wanted.some((figure, index) => box.children[index] !== figure)) box.replaceChildren(...wanted);
  for (const name of names) {
    const { passivated } = record.actors.get(name) ?? {};
    const state = record.stateOf(name);
    views.get(name)?.figure.classList.toggle('focus', name === focus);
    views.get(name)?.mark(record.takenBy(name));
    views.get(name)?.light(state, `${stateText(state)}${passivated ? ', kept as its record' : ''}`);
  }
  if (record.cursor === undefined)
    for (const { name, taken = [] } of heard) for (const id of taken) views.get(name)?.flash(id);
  heard = [];
}

async function place(name) {
  const chart = charts.get(machineOf(name));
  if (views.has(name) || chart === undefined) return;
  layouts.set(chart.machine, layouts.get(chart.machine) ?? layoutOf(chart, elk));
  const layout = await layouts.get(chart.machine);
  if (!views.has(name)) views.set(name, chartView(name, { layout, chart, onChoose: choose }));
  if (views.size > 40)
    views.delete([...views.keys()].find((old) => old.startsWith('task-') && old !== chosen));
  drawSoon();
}

function machineOf(name) {
  return record.actors.get(name)?.machine;
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
  void showPast();
  byId('detail').textContent = JSON.stringify(entry, undefined, 2);
  drawSoon();
}

/** How the board of a past pool was at the place that is looked at. */
async function showPast() {
  const { cursor } = record;
  if (!isPast || cursor === undefined) return;
  const answer = await fetch(`board/${Math.floor(cursor)}`).catch(() => undefined);
  if (answer?.ok !== true || cursor !== record.cursor) return;
  pastBoard = await answer.json();
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
  void showPast();
  drawSoon();
}

byId('back').addEventListener('click', () => step(-1));
byId('forth').addEventListener('click', () => step(1));
byId('pause').addEventListener('click', pause);
byId('stately').addEventListener('click', () => void openStately(record));
byId('find').addEventListener('input', drawSoon);
byId('actor').addEventListener('change', drawSoon);
document.addEventListener('keydown', (event) => {
  if (event.target instanceof HTMLInputElement || event.ctrlKey || event.metaKey) return;
  const keys = {
    ' ': event.target instanceof HTMLButtonElement ? undefined : pause,
    ArrowLeft: () => step(-1),
    ArrowRight: () => step(1),
    z: () => document.body.classList.toggle('wide'),
    '/': () => byId('find').focus(),
    c: () => !isPast && chosen?.startsWith('task-') && void send({ order: 'cancel', taskId: chosen }),
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
  isPast = picture.isPast;
  document.body.classList.toggle('past', isPast);
  record.replace(picture);
  record.addBoard(picture.board);
  const omitted = picture.omitted === 0 ? '' : ` · ${picture.omitted} waiting tasks not shown`;
  connected(isPast ? 'past' : 'live', `${isPast ? 'a past run, read only' : 'live'}${omitted}`);
  drawSoon();
});
source.addEventListener('entries', ({ data }) => {
  const entries = JSON.parse(data);
  record.add(entries);
  tellStately(entries);
  heard.push(...entries);
  if (entries.some(({ type, name }) => type === 'state' && name === chosen)) void showDetail(chosen);
  drawSoon();
});
source.addEventListener('board', ({ data }) => {
  record.addBoard(JSON.parse(data));
  drawSoon();
});
source.addEventListener('end', () => {
  source.close();
  connected('ended', 'the pool has ended; what was recorded stays');
});
source.addEventListener('error', () => connected('lost', 'connection lost; trying again'));
