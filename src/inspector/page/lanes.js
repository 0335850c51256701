import { byId, element } from './element.js';

const MOST_SLOT_LANES = 8;

/** The lifelines of the sequence: one for each actor that has a fixed place, one for all of a kind of the others. */
export function lanesOf(slotNames) {
  const slots = slotNames.length > MOST_SLOT_LANES ? ['slots'] : slotNames;
  const lanes = ['outside', 'pool', 'directory', ...slots, 'sessions', 'tasks', 'chains'];
  const places = new Map(lanes.map((lane, index) => [lane, index]));
  return { lanes, placeOf: (name) => places.get(laneOf(name, slots)) ?? 0 };
}

function laneOf(name, slots) {
  if (name === undefined) return 'outside';
  if (name.endsWith('/session')) return 'sessions';
  if (name.startsWith('task-')) return 'tasks';
  if (name.startsWith('chain-')) return 'chains';
  return name.startsWith('slot-') && slots[0] === 'slots' ? 'slots' : name;
}

const SHORT = { outside: 'you', directory: 'dir', sessions: 'sess' };

/** Names the lifelines above the list. */
export function drawLanes({ lanes }) {
  const box = byId('lanes');
  if (box.dataset.lanes === lanes.join()) return;
  box.dataset.lanes = lanes.join();
  const names = lanes.map((lane) => element('span', { textContent: SHORT[lane] ?? lane.replace('-', ' ') }));
  box.replaceChildren(
    element('span', { className: 'time' }),
    element('div', { className: 'lane-area' }, ...names),
  );
  byId('happenings').style.setProperty('--lanes', lanes.length);
}

/** One event as an arrow from the lifeline of its source to that of its target. */
export function arrowRow({ at, source, target, event }, { lanes, placeOf }) {
  const [from, to] = [placeOf(source), placeOf(target)];
  const percent = 100 / lanes.length;
  const first = (Math.min(from, to) + 0.5) * percent;
  const arrow = element('div', { className: `arrow ${directionOf(from, to)}` });
  arrow.style.left = `${first}%`;
  arrow.style.width = `${Math.abs(to - from) * percent}%`;
  const label = element('div', { className: 'label' });
  label.append(nameOf(event), element('span', { className: 'faint', textContent: whoOf(source, target) }));
  if (first > 50) label.style.right = `calc(${100 - Math.max(from + 0.5, to + 0.5) * percent}% + 6px)`;
  else label.style.left = `calc(${first}% + 6px)`;
  const area = element('div', { className: 'lane-area' }, arrow, label);
  area.title = `${source ?? 'outside'} → ${target}: ${event}`;
  return [element('span', { className: 'time', textContent: timeOf(at) }), area];
}

function directionOf(from, to) {
  if (from === to) return 'here';
  return from < to ? 'right' : 'left';
}

/** As the charts have it. */
function nameOf(event) {
  return event
    .replace(/^xstate\.after\.([^.]+).*/, 'after $1')
    .replace(/^xstate\.(done|error)\.actor\./, '$1 ');
}

/** Which of the many it is that share a lifeline. */
function whoOf(source = '', target = '') {
  const one = [target, source].find((name) => /^(task|chain)-/.test(name));
  return one === undefined ? '' : ` ${shortOf(one)}`;
}

function shortOf(name) {
  return name.replace(/^((?:task|chain)-)?([\w]{4})[\w-]{20,}/, '$2');
}

function timeOf(at) {
  return new Date(at).toISOString().slice(14, 23);
}
