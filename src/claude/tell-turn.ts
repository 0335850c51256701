import type { TurnActivity, TurnHooks } from '../ports.ts';
import type { Line } from './protocol.ts';

/** Shows what a turn's lines say to those who watch it. Texts around a tool use are lines of their own. */
export function turnTeller({ onText, onActivity }: TurnHooks): (line: Line) => void {
  let hasSpoken = false;
  let separator = '';
  return (line) => {
    for (const activity of activitiesOf(line)) onActivity?.(activity);
    if (line.type === 'messageStarted' && line.agent === undefined && hasSpoken) separator = '\n';
    if (line.type !== 'messageGrew' || line.agent !== undefined || line.text === '') return;
    onText?.(separator + line.text);
    hasSpoken = true;
    separator = '';
  };
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
