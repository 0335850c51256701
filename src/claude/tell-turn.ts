import type { TurnActivity, TurnHooks } from '../ports.ts';
import type { Line } from './protocol.ts';

/** Shows what a line says to those who watch the turn. */
export function tellTurn(line: Line, { onText, onActivity }: TurnHooks): void {
  if (line.type === 'messageGrew' && line.agent === undefined && line.text !== '') onText?.(line.text);
  for (const activity of activitiesOf(line)) onActivity?.(activity);
}

function activitiesOf(line: Line): TurnActivity[] {
  switch (line.type) {
    case 'message':
      return line.toolNames.map((name) => ({ type: 'toolUse', name }));
    case 'retry':
      return [{ type: 'retry', status: line.status, delayMs: line.delayMs }];
    case 'malformed':
      return [{ type: 'malformedLine', excerpt: line.excerpt }];
    default:
      return [];
  }
}
