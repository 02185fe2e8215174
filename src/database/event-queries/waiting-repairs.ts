import type { Queryable } from '../connection.ts';
import { open } from './event-sql.ts';

/**
 * How many events that audits ordered are queued or running, counted no further than `limit`.
 */
export async function countWaitingRepairs(q: Queryable, limit: number): Promise<number> {
  const { rows } = await q.query<{ count: number }>(
    `select count(*)::int as count
     from (
       select from artwork_indexer.event_queue e
       where ${open('e')} and exists (
         select from artwork_reconciler.event_origin origin
         where origin.event = e.id and origin.origin = 'audit'
       )
       limit $1
     ) as waiting`,
    [limit],
  );
  return rows[0]?.count ?? 0;
}
