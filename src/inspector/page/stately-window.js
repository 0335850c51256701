import { tell } from './orders.js';

let inspector;

/** Opens the Stately inspector in a window of its own, and shows it who is there. */
export async function openStately(record) {
  if (inspector?.isOpen() === true) inspector.focus();
  else await openWindow(record);
}

async function openWindow(record) {
  inspector = undefined;
  const [{ createBrowserInspector }, definitions] = await Promise.all([
    import('./stately-inspect.js'),
    fetch('definitions').then((answer) => answer.json()),
  ]);
  const stately = createBrowserInspector({ maxDeferredEvents: MOST_DEFERRED, serialize: named });
  const configs = new Map(definitions.map((one) => [one.id, one]));
  if (stately.adapter.targetWindow === null)
    tell('The browser has blocked the window: allow it, and try again.');
  else inspector = statelyInspector(stately, { record, configs });
}

/** Shows it what happens. */
export function tellStately(entries) {
  for (const entry of entries) inspector?.tell(entry);
}

/** What is sent before the window is ready is kept up to this number, and sent again when it is loaded again. */
const MOST_DEFERRED = 5_000;

/** The library calls an actor after its machine. Everything is plain JSON already. */
function named(message) {
  return message.type === '@xstate.actor' ? { ...message, name: message.sessionId } : message;
}

function statelyInspector(stately, { record, configs }) {
  const known = new Map();
  const lastEvents = new Map();

  /** An actor as far as the library looks at it. */
  function meet(name) {
    if (name === undefined) return undefined;
    const seen = known.get(name);
    if (seen !== undefined) return seen;
    const { machine, state, parent = parentOf(name) } = record.actors.get(name) ?? {};
    const config = configs.get(machine) ?? { id: name };
    const actor = { sessionId: name, id: name, logic: { config }, _parent: meet(parent) };
    known.set(name, actor);
    stately.actor(actor, { status: 'active', ...(state !== undefined && { value: state }), context: {} });
    return actor;
  }

  for (const { name, machine } of record.actors.values())
    if (machine === 'pool' || machine === 'slot') meet(name);
  return {
    isOpen: () => !stately.adapter.targetWindow.closed,
    focus: () => stately.adapter.targetWindow.focus(),
    tell(entry) {
      if (entry.type === 'event') {
        const [source, target] = [meet(entry.source), meet(entry.target)];
        const event = { ...entry.detail, type: entry.event };
        lastEvents.set(entry.target, event);
        stately.event(target, event, source === undefined ? {} : { source });
      }
      if (entry.type === 'state') {
        const { name, status, state, context } = entry;
        const event = lastEvents.get(name) ?? { type: 'xstate.init' };
        stately.snapshot(meet(name), { status, value: state, context: context ?? {} }, { event });
      }
    },
  };
}

function parentOf(name) {
  if (name === 'pool') return undefined;
  return name.includes('/') ? name.slice(0, name.lastIndexOf('/')) : 'pool';
}
