import type { Queryable } from '../connection.ts';
import { isDismissed } from './event-filter.ts';
import { lastReason, reasonKind } from './reason-kind.ts';

/** Failed events that failed last for the same kind of reason. */
export interface ReasonKindCount {
  readonly kind: string;
  readonly count: number;
  /** The newest of them. */
  readonly newest: number;
  readonly example: string;
}

/**
 * Counts the failed events that nobody has dismissed by the kind of reason why they failed last; those without a reason
 * left have none. Page by page: a hundred thousand take longer than a page may.
 *
 * @returns the counts of this page of events, and the id at which to go on; null where there are no more
 */
export async function countReasonKinds(
  q: Queryable,
  page: { readonly before: number | null; readonly limit: number },
): Promise<{ readonly kinds: readonly ReasonKindCount[]; readonly next: number | null }> {
  const { rows } = await q.query<ReasonKindCount & { readonly last: number; readonly total: number }>(
    `with looked as (
       select e.id, ${lastReason} as reason, ${isDismissed} as dismissed
       from (
         select e.id, e.last_updated from artwork_indexer.event_queue e
         where e.state = 'failed' and ($1::bigint is null or e.id < $1)
         order by e.id desc limit $2
       ) e
     ),
     counted as (
       select ${reasonKind('reason')} as kind, count(*)::int as count, max(id) as newest, max(left(reason, 300)) as example
       from looked where reason is not null and not dismissed group by 1
     )
     select counted.*, looked.last, looked.total
     from (select min(id) as last, count(*)::int as total from looked) as looked left join counted on true`,
    [page.before, page.limit],
  );
  const [{ last = null, total = 0 } = {}] = rows;
  return {
    kinds: rows
      .filter(({ kind }) => kind !== null)
      .map(({ kind, count, newest, example }) => ({ kind, count, newest, example })),
    next: total < page.limit ? null : last,
  };
}
