import type { Queryable } from '../connection.ts';
import { conditionOf, type EventFilter } from './event-filter.ts';

/** A failed event that a bulk action is to be about. */
export interface ChosenEvent {
  readonly id: number;
  readonly created: string;
  readonly lastUpdated: string;
}

/**
 * A page of the failed events that match, by id, upwards. Moments are as PostgreSQL writes them: JavaScript's lack the
 * microseconds.
 */
export async function chooseFailedEvents(
  q: Queryable,
  filter: EventFilter,
  page: { readonly after: number | null; readonly limit: number },
): Promise<readonly ChosenEvent[]> {
  const values: unknown[] = [page.after ?? 0, page.limit];
  const { rows } = await q.query<ChosenEvent>(
    `select e.id, e.created::text, e.last_updated::text as "lastUpdated"
     from artwork_indexer.event_queue e
     where e.state = 'failed' and e.id > $1 and ${conditionOf(filter, values)}
     order by e.id limit $2`,
    values,
  );
  return rows;
}
