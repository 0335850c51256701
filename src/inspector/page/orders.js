import { byId } from './element.js';

/** Sends an order to the pool, and shows why when it is refused. */
export async function send(order) {
  const response = await fetch('orders', { method: 'POST', body: JSON.stringify(order) });
  if (!response.ok) tell((await response.json()).message);
}

let timer;

/** Shows a sentence for a while. */
export function tell(sentence) {
  byId('notice').textContent = sentence;
  clearTimeout(timer);
  timer = setTimeout(() => (byId('notice').textContent = ''), 8_000);
}
