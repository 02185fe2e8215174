import type { EventState } from '../../domain/queue/indexer-event.ts';
import type { Queryable } from '../connection.ts';
import { type Count, countOrEstimate } from '../lists/count-or-estimate.ts';
import { countEvents, type EventSettings, readOldestDueEvent } from '../event-queries/index.ts';

/** How the queue of indexer events stands. */
export interface EventFigures {
  readonly byState: Readonly<Record<EventState, Count>>;
  /** Failed for good, and not dismissed by a person; counted up to 10,000. */
  readonly failedNotDismissed: number;
  /** Seconds; null where no event is due. */
  readonly oldestDueSeconds: number | null;
  /** Seconds since the oldest queued event was created, whatever it waits for; null where none is queued. */
  readonly oldestQueuedSeconds: number | null;
}

const mostFailed = 10_000;

export async function readEventFigures(q: Queryable, settings: EventSettings): Promise<EventFigures> {
  const oldestDue = await readOldestDueEvent(q, settings);
  const { rows } = await q.query<{ seconds: number | null }>(
    // One that is made for later is no seconds old.
    `select greatest(0, extract(epoch from statement_timestamp() - min(created)))::float8 as seconds
     from artwork_indexer.event_queue where state = 'queued' having count(*) > 0`,
  );
  return {
    byState: {
      queued: await inState(q, 'queued'),
      running: await inState(q, 'running'),
      completed: await inState(q, 'completed'),
      failed: await inState(q, 'failed'),
    },
    failedNotDismissed: await countEvents(q, { states: ['failed'] }, mostFailed),
    oldestDueSeconds: oldestDue?.dueForSeconds ?? null,
    oldestQueuedSeconds: rows[0]?.seconds ?? null,
  };
}

function inState(q: Queryable, state: EventState): Promise<Count> {
  return countOrEstimate(q, `from artwork_indexer.event_queue where state = '${state}'`);
}
