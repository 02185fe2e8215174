import type { Transaction } from '../connection.ts';
import type { EndSettings } from '../event-queries/settings.ts';
import { addFailureReason, failForGood } from './fail-for-good.ts';
import type { LockedEvent } from '../attempts/lock-claimed.ts';

/**
 * Whether an identical event was queued since this one was taken: the queue holds only one of a kind (unique index), and
 * the younger one does this one's work. Then the row is set to `failed`, says by what it was superseded, and its
 * dependents fail as the contract says.
 *
 * To be asked before a row goes back to `queued`. An identical row that is inserted but not committed is not seen here;
 * then the unique index objects, and the transaction is run anew.
 */
export async function supersededByTwin(tx: Transaction, event: LockedEvent, settings: EndSettings): Promise<boolean> {
  const { rows } = await tx.query<{ id: number }>(
    `select twin.id
     from artwork_indexer.event_queue event
     join artwork_indexer.event_queue twin
       on twin.entity_type = event.entity_type and twin.action = event.action and twin.message = event.message
     where event.id = $1 and twin.state = 'queued' and twin.id <> event.id`,
    [event.id],
  );
  const [twin] = rows;
  if (twin === undefined) return false;
  await addFailureReason(tx, event.id, `superseded by event ${twin.id}`);
  await failForGood(tx, event, 'superseded', settings);
  return true;
}

/**
 * Undoes a claim: `attempts` and `last_updated` as they were before it. (A `last_updated` that an update sets itself is
 * left alone by artwork-indexer's trigger.)
 */
export async function undoClaim(
  tx: Transaction,
  event: LockedEvent,
  settings: EndSettings,
): Promise<'queued' | 'superseded'> {
  if (await supersededByTwin(tx, event, settings)) return 'superseded';
  await tx.query(
    `update artwork_indexer.event_queue e
     set state = 'queued', attempts = claim.attempts_before, last_updated = claim.last_updated_before
     from artwork_reconciler.event_claim claim
     where e.id = $1 and claim.event = e.id`,
    [event.id],
  );
  return 'queued';
}
