import type { Queryable } from '../connection.ts';

/** How many of a bulk action's rows that were done are in which state now. */
export interface StateNow {
  readonly state: string;
  readonly count: number;
}

/** Rows that are looked at; of an action on more of them the first are told. */
const inspectedNow = 10_000;

const targetTables = {
  events: 'artwork_indexer.event_queue',
  entities: 'artwork_reconciler.audit_entity',
  reviews: 'artwork_reconciler.needs_manual_review',
} as const;

/** What has become of the rows that were done, as long as they live, the most common state first. */
export async function readStatesNow(
  q: Queryable,
  bulkAction: string,
  { of, states }: { readonly of: keyof typeof targetTables; readonly states: 'state' | 'status' },
): Promise<readonly StateNow[]> {
  const { rows } = await q.query<StateNow>(
    `select target.${states}::text as state, count(*)::int as count
     from (select chosen.target from artwork_reconciler.bulk_action_row chosen
           where chosen.bulk_action = $1 and chosen.outcome = 'done' order by chosen.target limit ${inspectedNow}) done
     join ${targetTables[of]} target on target.id = done.target
     group by 1 order by count desc, state`,
    [bulkAction],
  );
  return rows;
}
