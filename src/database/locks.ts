import { setTimeout as wait } from 'node:timers/promises';
import sql, { raw, type Sql } from 'sql-template-tag';
import type { Database, Transaction } from './connection.ts';
import { timeLimits } from './time-limits.ts';

/** From here on to the end of the transaction: it holds a row of the queue now (time-limits.ts). */
const holding = raw(`set_config('lock_timeout', '${timeLimits.holdingQueueRow.lock}', true)
  || set_config('statement_timeout', '${timeLimits.holdingQueueRow.statement}', true) as holding`);

/**
 * The statement that locks the rows of `artwork_indexer.event_queue` which another one selects as `e`; for a transaction in
 * `transactionWithRetry`. All that lock several rows do it in one order, that in which rows depend on each other (copies,
 * deletions, documents), then by message: so do those who queue them, and ids follow no order that two writers share.
 *
 * Strategy: the subquery, which `for update` keeps the planner from dissolving, gives row after row once it is locked. So
 * the limits are lowered after the first, before the second is waited for, at no round trip more.
 *
 * @param selecting without `order by`
 * @param how with the claim's row, where who waited has to see that the claim is over; `skip locked`, where what somebody
 *   else has is left alone
 */
export function lockEvents(selecting: Sql, how: 'claim, e' | 'e' | 'e skip locked' = 'e'): Sql {
  return sql`select locked.*, ${holding} from (
    ${selecting}
    order by array_position('{copy_image,delete_image}'::text[], e.action::text), e.message, e.id
    for update of ${raw(how)}
  ) as locked`;
}

/** The statement that gives what another one inserts into `artwork_indexer.event_queue` and returns. */
export function insertEvents(inserting: Sql): Sql {
  return sql`with inserted as (${inserting}) select inserted.*, ${holding} from inserted`;
}

/** Locks that end with their transaction; sessions' locks would not survive pgbouncer. Names keep us off others' keys. */
const keyOf = (name: string): Sql => raw(`hashtextextended('artwork_reconciler.' || ${name}, 0)`);

/**
 * The statement that waits until no other worker is about to claim an event of the same items, and keeps them from it until
 * the transaction ends; it gives the id of what was selected. What others have committed is seen by the *next* statement, not by this
 * one.
 *
 * Strategy: one statement reads the items and takes their locks one after the other, in an order that is the same
 * everywhere, so that two copies between the same two items don't wait for each other.
 *
 * @param selecting at most one row, with `id` and `items`: gids, in any order; without any (a `noop`, a message that can't
 *   be read) the event's own id stands in
 */
export function lockItems(selecting: Sql): Sql {
  return sql`with touched as materialized (${selecting}),
    named as materialized (
      select place, name from (
        select 0 as place, 'pause' as name from touched
        union
        select 1, 'item.' || gid from touched cross join unnest(touched.items) as gid where gid is not null
        union
        select 1, 'event.' || id from touched where array_remove(items, null) = '{}'
      ) as all_of_them
      order by place, name collate "C"
    ),
    locked as materialized (
      select case place when 0 then pg_advisory_xact_lock_shared(${keyOf('name')})
        else pg_advisory_xact_lock(${keyOf('name')}) end
      from named
    )
    select touched.id, (select count(*) from locked) as holding from touched`;
}

/** Waits for claims that are being made, and lets none be made until this transaction ends. */
export async function lockAllClaims(tx: Transaction): Promise<void> {
  await tx.query(sql`select pg_advisory_xact_lock(${keyOf(`'pause'`)})`);
}

/** For how long others may be in the way before the caller gets the error, in milliseconds: most of editors' transactions. */
const usualPatience = 5_000;

/** Between two tries at most, in milliseconds: by chance, so that two who met don't meet again. */
const longestPause = 50;

/**
 * unique_violation: an identical event was queued meanwhile. deadlock_detected: events were ended side by side.
 * lock_not_available: somebody, an editor of MusicBrainz perhaps, has a row that is needed.
 */
const conflicts: ReadonlySet<unknown> = new Set(['23505', '40P01', '55P03']);

/**
 * Runs a transaction that writes or locks rows of the queue; again where another one was in the way. A row that goes back to
 * `queued` may meet an identical one that a trigger has inserted and not yet committed; the next time it sees it.
 *
 * It waits for no lock for long but begins again, having let go of what it held: where it and an editor's transaction wait
 * for each other, PostgreSQL would end the editor's (life-cycles page, "Editors win").
 *
 * @throws {pg.DatabaseError} what was in the way for all of the patience; nothing was changed
 */
export async function transactionWithRetry<Result>(
  db: Database,
  work: (tx: Transaction) => Promise<Result>,
  patience: number = usualPatience,
): Promise<Result> {
  for (const giveUpAt = performance.now() + patience; ;) {
    try {
      return await db.transaction(work, timeLimits.queue);
    } catch (error) {
      if (!conflicts.has((error as { code?: unknown }).code) || performance.now() >= giveUpAt) throw error;
    }
    await wait(Math.random() * longestPause);
  }
}
