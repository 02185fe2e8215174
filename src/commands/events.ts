import type { Command } from 'commander';
import { addList } from './events/list.ts';
import { addPause, addResume } from './events/pause.ts';
import { addReasons } from './events/reasons.ts';
import { addDismiss, addRequeue, addWithdraw } from './events/requeue-dismiss.ts';
import { addShow } from './events/show.ts';

export function addEvents(program: Command): void {
  const events = program
    .command('events')
    .description(
      'Indexer events: the rows of artwork_indexer.event_queue, whichever daemon works on them. What changes anything is ' +
        'recorded with who did it.',
    )
    .helpCommand(false);
  for (const add of [addList, addReasons, addShow, addRequeue, addDismiss, addWithdraw, addPause, addResume])
    add(events);
}
