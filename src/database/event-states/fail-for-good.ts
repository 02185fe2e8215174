import type { Transaction } from '../connection.ts';
import type { EndSettings } from '../event-queries/settings.ts';
import { failDependents } from './fail-dependents.ts';
import { type LockedEvent, storable } from '../attempts/lock-claimed.ts';
import { noticeEnd } from './notice-end.ts';

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
