import type { Queryable } from '../connection.ts';
import { isDismissed } from '../event-queries/event-filter.ts';

export interface LeftAlone {
  readonly id: number;
  readonly reason: string;
}

/** Why events that a person asked for by id were not touched, in words: each is named in the answer. */
export async function whyLeftAlone(q: Queryable, ids: readonly number[]): Promise<LeftAlone[]> {
  if (ids.length === 0) return [];
  const { rows } = await q.query<LeftAlone>(
    `select asked.id, case
         when e.id is null then 'there is no such event'
         when exists (select from artwork_reconciler.event_claim claim where claim.event = e.id) then 'a worker has it in hand'
         when ${isDismissed} then 'it is dismissed'
         when e.state = 'failed' then 'it is none of those asked for'
         else 'it is ' || e.state::text
       end as reason
     from unnest($1::bigint[]) as asked (id) left join artwork_indexer.event_queue e using (id)
     order by asked.id`,
    [ids],
  );
  return rows;
}

/** What a record of a bulk action is about, in words. */
export function targetOf(ids: readonly number[]): string {
  return ids.length === 1 ? `event ${ids[0]}` : `${ids.length} events`;
}
