import { element } from './element.js';

/** A list that draws only the rows that can be seen. */
export function listView(box, { rowOf, onChoose, rowPx = 24 }) {
  let items = [];
  let chosen = -1;
  let sticks = true;
  const spacer = element('div');
  box.append(spacer);

  function draw() {
    const first = Math.max(0, Math.floor(box.scrollTop / rowPx) - 5);
    const count = Math.ceil(box.clientHeight / rowPx) + 10;
    spacer.style.height = `${items.length * rowPx}px`;
    const rows = items.slice(first, first + count).map((item, offset) => {
      const index = first + offset;
      const row = element('div', { className: 'row', role: 'option', onclick: () => choose(index) });
      row.setAttribute('aria-selected', index === chosen);
      row.style.top = `${index * rowPx}px`;
      row.append(...rowOf(item));
      return row;
    });
    spacer.replaceChildren(...rows);
  }

  function choose(index) {
    if (index < 0 || index >= items.length) return;
    chosen = index;
    onChoose(items[index]);
    reveal(index);
    draw();
  }

  function reveal(index) {
    const top = index * rowPx;
    if (top < box.scrollTop) box.scrollTop = top;
    if (top + rowPx > box.scrollTop + box.clientHeight) box.scrollTop = top + rowPx - box.clientHeight;
  }

  box.addEventListener('scroll', () => {
    sticks = box.scrollTop + box.clientHeight >= spacer.clientHeight - rowPx;
    draw();
  });
  box.addEventListener('keydown', (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    choose(Math.min(items.length - 1, Math.max(0, chosen + step)));
  });

  return {
    choose,
    /** With `isChosen` it knows its chosen item again; with `follows` it stays at its end when it is there. */
    show(list, { isChosen, follows = false }) {
      items = list;
      chosen = list.findIndex(isChosen);
      spacer.style.height = `${items.length * rowPx}px`;
      if (follows && sticks) box.scrollTop = box.scrollHeight;
      draw();
    },
    reveal,
  };
}
