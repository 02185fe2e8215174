import type { EventAction } from '../../domain/queue/indexer-event.ts';
import type { Queryable } from '../connection.ts';
import { isDismissed, lastReason, reasonKind } from './event-sql.ts';

/** Failed events of one action that failed last for the same kind of reason. */
export interface ReasonKindCount {
  readonly action: EventAction;
  readonly kind: string;
  readonly count: number;
  /** The newest of them. */
  readonly newest: number;
  /** The beginning of that one's reason, as it was written. */
  readonly example: string;
}

/**
 * Counts the failed events that nobody has dismissed by action and by the kind of reason why they failed last; those
 * without a reason left have none. Page by page: a hundred thousand take longer than a page may.
 *
 * @returns the counts of this page of events, and the id at which to continue; null where there are no more
 */
export async function countReasonKinds(
  q: Queryable,
  page: { readonly before: number | null; readonly limit: number },
): Promise<{ readonly kinds: readonly ReasonKindCount[]; readonly next: number | null }> {
  const { rows } = await q.query<ReasonKindCount & { readonly last: number; readonly total: number }>(
    `with looked as materialized (
       select e.id, e.action, ${lastReason} as reason, ${isDismissed} as dismissed
       from (
         select e.id, e.action, e.last_updated from artwork_indexer.event_queue e
         where e.state = 'failed' and ($1::bigint is null or e.id < $1)
         order by e.id desc limit $2
       ) e
     ),
     counted as (
       select action, ${reasonKind('reason')} as kind, count(*)::int as count, max(id) as newest
       from looked where reason is not null and not dismissed group by 1, 2
     )
     select counted.*, left(newest.reason, 1000) as example, whole.last, whole.total
     from (select min(id) as last, count(*)::int as total from looked) as whole
     left join counted on true left join looked newest on newest.id = counted.newest`,
    [page.before, page.limit],
  );
  const [{ last = null, total = 0 } = {}] = rows;
  return {
    kinds: rows
      .filter(({ kind }) => kind !== null)
      .map(({ action, kind, count, newest, example }) => ({ action, kind, count, newest, example })),
    next: total < page.limit ? null : last,
  };
}

/** The kinds of two parts of the events together, the most common first. */
export function addReasonKinds(
  known: readonly ReasonKindCount[],
  more: readonly ReasonKindCount[],
): readonly ReasonKindCount[] {
  const kinds = new Map<string, ReasonKindCount>();
  for (const kind of [...known, ...more]) {
    const name = `${kind.action} ${kind.kind}`;
    const earlier = kinds.get(name);
    kinds.set(name, earlier === undefined ? kind : { ...earlier, count: earlier.count + kind.count });
  }
  return [...kinds.values()].sort((one, other) => other.count - one.count || other.newest - one.newest);
}
