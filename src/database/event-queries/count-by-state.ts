import type { EventState } from '../../domain/indexer-event.ts';
import type { Queryable } from '../connection.ts';
import { isDismissed } from './event-filter.ts';

export type StateCounts = Readonly<Record<EventState, number>>;

/** How many events there are in each state, counted no further than `limit`; of failed ones, those nobody dismissed. */
export async function countByState(q: Queryable, limit: number): Promise<StateCounts> {
  const { rows } = await q.query<StateCounts>(
    `select ${(['queued', 'running', 'failed', 'completed'] as const)
      .map(
        (state) => `(
          select count(*)::int from (
            select from artwork_indexer.event_queue e
            where e.state = '${state}' ${state === 'failed' ? `and not ${isDismissed}` : ''} limit $1
          ) as counted
        ) as ${state}`,
      )
      .join(', ')}`,
    [limit],
  );
  return rows[0]!;
}
