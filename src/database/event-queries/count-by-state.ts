import type { EventState } from '../../domain/queue/indexer-event.ts';
import type { Queryable } from '../connection.ts';
import type { CappedCount } from '../lists/index.ts';
import { isDismissed } from './event-filter.ts';

export type StateCounts = Readonly<Record<EventState, CappedCount>>;

const states = ['queued', 'running', 'failed', 'completed'] as const satisfies readonly EventState[];

/** How many events there are in each state, counted no further than `limit`; of failed ones, those nobody dismissed. */
export async function countByState(q: Queryable, limit: number): Promise<StateCounts> {
  const { rows } = await q.query<Record<EventState, number>>(
    `select ${states
      .map(
        (state) => `(
          select count(*)::int from (
            select from artwork_indexer.event_queue e
            where e.state = '${state}' ${state === 'failed' ? `and not ${isDismissed}` : ''} limit $1 + 1
          ) as counted
        ) as ${state}`,
      )
      .join(', ')}`,
    [limit],
  );
  const counted = (state: EventState): CappedCount => {
    const count = rows[0]![state];
    return { count: Math.min(count, limit), exact: count <= limit };
  };
  return {
    queued: counted('queued'),
    running: counted('running'),
    failed: counted('failed'),
    completed: counted('completed'),
  };
}
