import type { Transaction } from '../connection.ts';
import { timeLimits } from '../time-limits.ts';

/** From here on to the end of the transaction: it holds a row of the queue now (time-limits.ts). */
const holding = `set_config('lock_timeout', '${timeLimits.holdingQueueRow.lock}', true)
  || set_config('statement_timeout', '${timeLimits.holdingQueueRow.statement}', true) as holding`;

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
export function lockEvents(selecting: string, how: 'claim, e' | 'e' | 'e skip locked' = 'e'): string {
  return `select locked.*, ${holding} from (
    ${selecting}
    order by array_position('{copy_image,delete_image}'::text[], e.action::text), e.message, e.id
    for update of ${how}
  ) as locked`;
}

/** The statement that gives what another one inserts into `artwork_indexer.event_queue` and returns. */
export function insertEvents(inserting: string): string {
  return `with inserted as (${inserting}) select inserted.*, ${holding} from inserted`;
}

/** Locks that end with their transaction; sessions' locks would not survive pgbouncer. Names keep us off others' keys. */
const key = (parameter: string): string => `hashtextextended('artwork_reconciler.' || ${parameter}, 0)`;

/**
 * Waits until no other worker is about to claim an event of the same items, and keeps them from it until this
 * transaction ends. What they have committed is seen by the *next* statement, not by this one.
 *
 * @param items gids, in any order; without any (a `noop`, a message that can't be read) the event's own id stands in
 */
export async function lockItems(tx: Transaction, eventId: number, items: readonly string[]): Promise<void> {
  // In one order everywhere, so that two copies between the same two items don't wait for each other.
  const names = items.length === 0 ? [`event.${eventId}`] : [...new Set(items)].sort().map((gid) => `item.${gid}`);
  const locks = names.map((_, index) => `pg_advisory_xact_lock(${key(`$${index + 1}::text`)})`);
  await tx.query(`select pg_advisory_xact_lock_shared(${key("'pause'")}), ${locks.join(', ')}`, names);
}

/** Waits for claims that are being made, and lets none be made until this transaction ends. */
export async function lockAllClaims(tx: Transaction): Promise<void> {
  await tx.query(`select pg_advisory_xact_lock(${key("'pause'")})`);
}
