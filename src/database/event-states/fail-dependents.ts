import type { Transaction } from '../connection.ts';
import type { EndSettings } from '../event-queries/settings.ts';
import { lockedColumns, type LockedEvent } from '../attempts/lock-claimed.ts';
import { lockEvents } from './locks.ts';
import { noticeEnd } from './notice-end.ts';

/** Why what depends on an event failed, as it is written; `parent` is its id. */
export const dependentsReason = (parent: number | string): string =>
  `event ${parent}, which this one depends on, failed`;

/**
 * Fails all that depends on an event that failed, directly or not, each with a reason that names it. What has failed
 * for another parent's sake already gets this one's reason, too.
 *
 * Strategy: the tree is walked by the index of `depends_on` in one statement, the rows are locked, and looked at once more
 * under the lock: a deletion that a trigger adds meanwhile is found by housekeeping.
 *
 * @returns the ids of those that were queued until now
 */
export async function failDependents(tx: Transaction, failedId: number, settings: EndSettings): Promise<number[]> {
  const { rows: dependents } = await tx.query<LockedEvent & { readonly queued: boolean }>(
    `with recursive dependent as (
       select e.id from artwork_indexer.event_queue e
       where e.depends_on @> array[$1::bigint] and e.state in ('queued', 'failed')
       union
       select e.id from dependent
       join artwork_indexer.event_queue e on e.depends_on @> array[dependent.id] and e.state in ('queued', 'failed')
     )
     ${lockEvents(
       `select ${lockedColumns}, e.state = 'queued' as queued
        from artwork_indexer.event_queue e
        where e.id in (select id from dependent where id <> $1) and e.state in ('queued', 'failed')`,
     )}`,
    [failedId],
  );
  if (dependents.length === 0) return [];
  const queued = dependents.filter((event) => event.queued);
  await tx.query(
    `with failed as (
       update artwork_indexer.event_queue set state = 'failed', last_updated = now()
       where id = any ($1::bigint[])
     ),
     waited as (
       delete from artwork_reconciler.event_not_before where event = any ($1::bigint[])
     )
     insert into artwork_indexer.event_failure_reason (event, failure_reason, created)
     select id, $3, clock_timestamp() from unnest($2::bigint[]) as dependent (id)
     -- One that failed earlier may have been told of this parent already.
     where id = any ($1::bigint[]) or not exists (
       select from artwork_indexer.event_failure_reason told where told.event = dependent.id and told.failure_reason = $3
     )`,
    [queued.map(({ id }) => id), dependents.map(({ id }) => id), dependentsReason(failedId)],
  );
  for (const event of queued) await noticeEnd(tx, event, 'failed', settings);
  return queued.map(({ id }) => id).sort((one, other) => one - other);
}
