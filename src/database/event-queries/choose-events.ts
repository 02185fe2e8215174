import type { Queryable } from '../connection.ts';
import { conditionOf, type EventFilter } from './event-filter.ts';

/** The ids of a page of the failed events that match, upwards: those that a bulk action is to be about. */
export async function chooseFailedEvents(
  q: Queryable,
  filter: EventFilter,
  page: { readonly after: number | null; readonly limit: number },
): Promise<readonly number[]> {
  const values: unknown[] = [page.after ?? 0, page.limit];
  const { rows } = await q.query<{ id: number }>(
    `select e.id
     from artwork_indexer.event_queue e
     where e.state = 'failed' and e.id > $1 and ${conditionOf(filter, values)}
     order by e.id limit $2`,
    values,
  );
  return rows.map(({ id }) => id);
}
