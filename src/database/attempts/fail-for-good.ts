import sql, { raw, type Sql } from 'sql-template-tag';
import type { EntityType } from '../../domain/entity.ts';
import { gidsNamed } from '../../domain/queue/indexer-event.ts';
import type { Database, Transaction } from '../connection.ts';
import { tryEach } from '../database-away.ts';
import { noticeEndedEvent } from '../entities/notice-ended-events.ts';
import { lockEvents, transactionWithRetry } from '../locks.ts';
import type { EndSettings } from '../queue/event-sql.ts';
import { compareIds } from '../row-id.ts';
import { lockedColumns, type LockedEvent, storable } from './lock-claimed.ts';

/** Why what depends on an event failed, as it is written; `parent` is its id. */
export const dependentsReason = (parent: number | string): string =>
  `event ${parent}, which this one depends on, failed`;

/**
 * Fails all that depends on an event that failed, directly or not, each with a reason that names it. What has failed
 * for another parent's sake already gets this one's reason, too.
 *
 * Strategy: the tree is walked by the index of `depends_on` in one statement, the rows are locked, and checked once more
 * under the lock: a deletion that a trigger adds meanwhile is found by housekeeping.
 *
 * @returns the ids of those that were queued until now
 */
async function failDependents(tx: Transaction, failedId: number, settings: EndSettings): Promise<number[]> {
  const { rows: dependents } = await tx.query<LockedEvent & { readonly queued: boolean }>(
    sql`with recursive dependent as (
       select e.id from artwork_indexer.event_queue e
       where e.depends_on @> array[${failedId}::bigint] and e.state in ('queued', 'failed')
       union
       select e.id from dependent
       join artwork_indexer.event_queue e on e.depends_on @> array[dependent.id] and e.state in ('queued', 'failed')
     )
     ${lockEvents(
       sql`select ${raw(lockedColumns)}, e.state = 'queued' as queued
        from artwork_indexer.event_queue e
        where e.id in (select id from dependent where id <> ${failedId}) and e.state in ('queued', 'failed')`,
     )}`,
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
     -- One that failed earlier may have this reason of its parent already.
     where id = any ($1::bigint[]) or not exists (
       select from artwork_indexer.event_failure_reason told where told.event = dependent.id and told.failure_reason = $3
     )`,
    [queued.map(({ id }) => id), dependents.map(({ id }) => id), dependentsReason(failedId)],
  );
  for (const event of queued) await noticeEnd(tx, event, 'failed', settings);
  return queued.map(({ id }) => id).sort(compareIds);
}

/**
 * Fails the queued events that wait for one that has failed, and so would wait for ever: those that the other daemon's
 * housekeeping leaves blocked, and those that a trigger tied to an event just when it failed. Left as they are they
 * would swallow every new event of their kind, since the queue holds only one.
 *
 * At once where we failed that one: its last attempt was ours, or it was queued and failed with its own parent. Else
 * not before `foreign_running_minutes` after the failure: until then the other daemon may still have claimed it, and
 * complete it. One that we have claimed is left alone.
 *
 * @returns the ids of those that were queued until now
 */
export async function failBlocked(db: Database, settings: EndSettings): Promise<number[]> {
  const minutes = settings.events.foreignRunningMinutes;
  const { rows: parents } = await db.query<{ id: number }>(
    sql`select parent.id
     from artwork_indexer.event_queue e join artwork_indexer.event_queue parent on parent.id = any (e.depends_on)
     where e.state = 'queued' and e.depends_on is not null and ${failedForGood('parent', minutes)}
     group by parent.id
     order by parent.id`,
  );
  const failed = await tryEach(parents, ({ id }) =>
    transactionWithRetry(db, async (tx) => {
      const { rowCount } = await tx.query(
        lockEvents(
          sql`select e.id from artwork_indexer.event_queue e where e.id = ${id} and ${failedForGood('e', minutes)}`,
        ),
      );
      return rowCount === 1 ? failDependents(tx, id, settings) : [];
    }),
  );
  return failed.flat();
}

function failedForGood(event: string, minutes: number): Sql {
  const parent = raw(event);
  return sql`${parent}.state = 'failed'
    and (${raw(failedByUs(event))} or ${parent}.last_updated < clock_timestamp() - make_interval(secs => ${minutes * 60}))
    and not exists (select from artwork_reconciler.event_claim claim where claim.event = ${parent}.id)`;
}

/** `last_updated` is when the transaction began that failed it, and what that recorded is no older. */
const failedByUs = (event: string): string => `(
  exists (
    select from artwork_reconciler.event_attempt attempt
    where attempt.event = ${event}.id and attempt.outcome in ('failed', 'superseded')
      and attempt.ended_at >= ${event}.last_updated
  )
  or exists (
    select from artwork_indexer.event_failure_reason told
    where told.event = ${event}.id and told.created >= ${event}.last_updated
      and told.failure_reason like '${dependentsReason('%')}'
  ))`;

/**
 * Lets the entities that an ended event names be audited, in the transaction that ended it. The row's `last_updated`
 * must be that transaction's `now()`: by it housekeeping tells our ends from those of the other daemon.
 */
export async function noticeEnd(
  tx: Transaction,
  event: { readonly id: number; readonly entityType: EntityType; readonly action: string; readonly message: unknown },
  outcome: 'completed' | 'failed' | 'superseded',
  settings: EndSettings,
): Promise<void> {
  const { id: eventId, entityType, action, message } = event;
  await noticeEndedEvent(tx, { eventId, entityType, gids: gidsNamed(action, message), outcome }, settings.audit);
}

/**
 * Sets an event to `failed`, with everything that depends on it.
 *
 * @param outcome `superseded` where an identical event does its work: that is no failure for its entity
 */
export async function failForGood(
  tx: Transaction,
  event: LockedEvent,
  outcome: 'failed' | 'superseded',
  settings: EndSettings,
): Promise<void> {
  await tx.query(
    `with waited as (delete from artwork_reconciler.event_not_before where event = $1)
     update artwork_indexer.event_queue set state = 'failed', last_updated = now() where id = $1`,
    [event.id],
  );
  // The dependents first: once the event itself is noticed, nothing of its entity is open that never runs.
  await failDependents(tx, event.id, settings);
  await noticeEnd(tx, event, outcome, settings);
}

/** artwork-indexer's own record of why an attempt, or an event, failed. */
export async function addFailureReason(tx: Transaction, eventId: number, reason: string): Promise<void> {
  await tx.query(
    `insert into artwork_indexer.event_failure_reason (event, failure_reason, created) values ($1, $2, clock_timestamp())`,
    [eventId, storable(reason)],
  );
}
