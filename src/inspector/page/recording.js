const MOST_ENTRIES = 50_000;
const MOST_BOARDS = 1_000;
const MOST_ACTORS = 5_000;
const ENDS = new Set(['completed', 'failed', 'cancelled', 'succeeded', 'skipped']);

/** All that was heard, and a place in it to look at. */
export function recording() {
  const actors = new Map();
  let entries = [];
  let boards = [];
  let cursor;

  function add(entry) {
    const last = entries.at(-1)?.seq ?? 0;
    if (entry.seq <= last) return;
    entries.push(entry);
    if (entry.type === 'event') return;
    const actor = actors.get(entry.name) ?? { name: entry.name, past: [] };
    actors.set(entry.name, {
      ...actor,
      machine: entry.machine ?? actor.machine,
      parent: entry.parent ?? actor.parent,
      prompt: entry.prompt ?? actor.prompt,
      state: entry.state ?? actor.state,
      passivated: entry.passivated === true,
      past: remembered(actor.past, entry),
    });
  }

  function forgetEnded() {
    if (actors.size <= MOST_ACTORS) return;
    const ended = [...actors.values()].filter(({ state }) => ENDS.has(state));
    for (const { name } of ended.slice(0, actors.size - MOST_ACTORS)) actors.delete(name);
  }

  function forget() {
    forgetEnded();
    if (boards.length > 2 * MOST_BOARDS) boards = boards.slice(-MOST_BOARDS);
    if (entries.length <= MOST_ENTRIES + 1_000) return;
    entries = entries.slice(-MOST_ENTRIES);
    const first = entries[0].seq;
    for (const actor of actors.values())
      actor.past = actor.past.filter(({ seq }, at, all) => seq >= first || at === all.length - 1);
  }

  function momentOf(actor) {
    return actor?.past.findLast(({ seq }) => cursor === undefined || seq <= cursor);
  }

  return {
    actors,
    entries: () => entries,
    add(list) {
      list.forEach(add);
      forget();
    },
    /** What the server says now is right, whatever was heard before. */
    replace({ actors: current, recent }) {
      recent.forEach(add);
      for (const { name, ...facts } of current) {
        const { past = [] } = actors.get(name) ?? {};
        actors.set(name, { passivated: false, ...facts, name, past });
      }
    },
    addBoard(board) {
      boards.push({ seq: entries.at(-1)?.seq ?? 0, board });
    },
    board: () => boardAt(boards, cursor),
    get cursor() {
      return cursor;
    },
    /** The place that is looked at; `undefined` is the present. */
    moveTo(seq) {
      cursor = seq;
    },
    /** `undefined` for who was not there yet. */
    stateOf(name) {
      const actor = actors.get(name);
      if (actor === undefined || cursor === undefined || actor.past.length === 0) return actor?.state;
      return momentOf(actor)?.state;
    },
    /** The transitions that led to where it is. */
    takenBy(name) {
      return momentOf(actors.get(name))?.taken ?? [];
    },
  };
}

function remembered(past, { seq, state, taken = [] }) {
  if (state === undefined) return past;
  past.push({ seq, state, taken });
  return past;
}

function boardAt(boards, cursor) {
  const all = boards.map(({ board }) => board);
  if (cursor === undefined) return all.at(-1);
  return boards.findLast(({ seq }) => seq <= cursor)?.board ?? all[0];
}
