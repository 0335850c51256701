import { byId, element } from './element.js';
import { send, tell } from './orders.js';

/** Slots, reviews, budget and limit, as the pool tells them. */
export function boardView({ onChoose }) {
  const reviews = new Map();

  function showReviews(list) {
    const ids = new Set(list.map(({ taskId }) => taskId));
    for (const [id, row] of reviews) {
      if (ids.has(id)) continue;
      row.remove();
      reviews.delete(id);
    }
    for (const review of list) {
      if (reviews.has(review.taskId)) continue;
      const row = reviewRow(review, onChoose);
      reviews.set(review.taskId, row);
      byId('reviews').append(row);
    }
    byId('review-count').textContent = list.length === 0 ? '· none' : `· ${list.length}`;
  }

  return {
    show({ status, reviews: list }, { chosen, isLive }) {
      byId('lifecycle').textContent = status.state;
      byId('lifecycle').dataset.state = status.state;
      byId('limit').textContent = limitText(status.limit);
      byId('limit').dataset.state = status.limit.state;
      byId('counts').replaceChildren(...countsOf(status));
      byId('slot-count').textContent = `· ${status.slots.length}`;
      byId('board').classList.toggle('still', !isLive);
      showBudget(status);
      byId('slots').replaceChildren(...status.slots.map((slot) => slotRow(slot, { chosen, onChoose })));
      showReviews(list);
    },
  };
}

function limitText({ state, reason = '', until }) {
  if (state === 'clear') return 'limit: clear';
  return `limit: ${state} until ${new Date(until).toLocaleTimeString()} ${reason}`;
}

function countsOf({ activeTasks, pendingTasks, completedTasks, failedTasks, cancelledTasks }) {
  const counts = {
    running: activeTasks,
    pending: pendingTasks,
    completed: completedTasks,
    failed: failedTasks,
    cancelled: cancelledTasks,
  };
  const told = Object.entries(counts).filter(([state, count]) => count > 0 || ALWAYS_TOLD.includes(state));
  return told.map(([state, count]) => {
    const mark = element('span', {
      className: 'state-mark',
      textContent: `${count} ${WORDS[state] ?? state}`,
    });
    mark.dataset.state = state;
    return mark;
  });
}

const WORDS = { pending: 'waiting' };
const ALWAYS_TOLD = ['running', 'pending', 'completed'];

function showBudget({ spendUsd, reservedUsd, budgetUsd }) {
  const total = budgetUsd ?? (spendUsd + reservedUsd || 1);
  const parts = [
    ['spent', spendUsd],
    ['reserved', reservedUsd],
  ].map(([className, amount]) => {
    const part = element('div', { className });
    part.style.width = `${Math.min(100, (100 * amount) / total)}%`;
    return part;
  });
  byId('budget').replaceChildren(...parts);
  const left =
    budgetUsd === undefined ? 'no cap' : `${usd(Math.max(0, budgetUsd - spendUsd - reservedUsd))} left`;
  byId('money').textContent = `${usd(spendUsd)} spent · ${usd(reservedUsd)} reserved · ${left}`;
}

function usd(amount) {
  return `$${amount.toFixed(amount < 0.1 && amount > 0 ? 4 : 2)}`;
}

function slotRow({ id, name, state, taskId, tasksCompleted, spendUsd, reason }, { chosen, onChoose }) {
  const mark = element('span', { className: 'state-mark', textContent: state, title: reason ?? state });
  mark.dataset.state = state;
  const row = element('li', { className: id === chosen ? 'chosen' : '' });
  row.append(
    element('button', { className: 'plain title', textContent: name ?? id, onclick: () => onChoose(id) }),
    mark,
    element('span', { className: 'faint', textContent: `${tasksCompleted} done · ${usd(spendUsd)}` }),
  );
  if (taskId !== undefined) {
    const task = {
      className: 'plain name task',
      textContent: taskId.slice(0, 13),
      onclick: () => onChoose(taskId),
    };
    row.append(element('button', task));
  }
  return row;
}

/** It is drawn once, so that what is being typed there stays. */
function reviewRow({ taskId, prompt, output }, onChoose) {
  const feedback = element('input', { placeholder: 'what is wrong', ariaLabel: `feedback for ${taskId}` });
  const reject = () => {
    if (feedback.value.trim() === '') return tell('A rejection needs feedback: say what is wrong.');
    void send({ order: 'reject', taskId, feedback: feedback.value });
  };
  feedback.addEventListener('keydown', (event) => event.key === 'Enter' && reject());
  const row = element(
    'li',
    {},
    element('button', {
      className: 'plain name',
      textContent: taskId.slice(0, 13),
      onclick: () => onChoose(taskId),
    }),
    element('div', { textContent: prompt, className: 'faint' }),
    element('blockquote', { textContent: output.slice(0, 300) }),
    element(
      'div',
      { className: 'answer' },
      element('button', {
        className: 'approve',
        textContent: 'approve',
        onclick: () => void send({ order: 'approve', taskId }),
      }),
      feedback,
      element('button', { textContent: 'reject', onclick: reject }),
    ),
  );
  row.dataset.task = taskId;
  return row;
}
