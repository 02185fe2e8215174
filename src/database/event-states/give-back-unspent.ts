import type { StoredBrakeName } from '../brakes/brake.ts';
import type { Database, Transaction } from '../connection.ts';
import type { EndSettings } from '../event-queries/settings.ts';
import { endClaim, lockClaimed, storable, type ArchiveAnswer, type Holder } from './lock-claimed.ts';
import { undoClaim } from './put-back.ts';
import { transactionWithRetry } from './retry-on-conflict.ts';

/** What became of the row; `not_ours` where the claim is not current any more. */
export type GivenBack = 'not_ours' | 'queued' | 'superseded';

interface Wait extends Holder {
  readonly waitSeconds: number;
  readonly reason: string;
  /** It waits for the end of this brake, and no longer than for that. */
  readonly brake?: StoredBrakeName;
  /** What the archive answered, where it did. */
  readonly answer?: ArchiveAnswer | undefined;
}

/**
 * Puts an event back that has to wait for something that is no fault of its own: the claim is undone, the attempt does
 * not count, and the event is not before so many seconds from now, with the reason.
 *
 * @param wait.waitSeconds fractions are allowed; 0 or less: it may be claimed again at once
 * @returns what became of the row (`superseded`: an identical event was queued meanwhile). Repeated by the same run: the same answer.
 */
export async function giveBackUnspent(
  db: Database,
  wait: Omit<Wait, 'brake'>,
  settings: EndSettings,
): Promise<GivenBack> {
  return transactionWithRetry(db, (tx) => giveBack(tx, wait, settings));
}

/** The same, in a transaction that does more; to be run in `transactionWithRetry`. */
export async function giveBack(tx: Transaction, wait: Wait, settings: EndSettings): Promise<GivenBack> {
  const { eventId, runId, waitSeconds, reason, brake, answer } = wait;
  const hold = await lockClaimed(tx, { eventId, runId });
  if (hold.kind === 'ended' && hold.outcome === 'given_back') return 'queued';
  if (hold.kind === 'ended' && hold.outcome === 'superseded') return 'superseded';
  if (hold.kind !== 'held') return 'not_ours';
  const outcome = await undoClaim(tx, hold.event, settings);
  if (outcome === 'queued' && waitSeconds > 0) {
    await tx.query(
      `insert into artwork_reconciler.event_not_before (event, until, reason, brake, since)
       values ($1, clock_timestamp() + $2::float8 * interval '1 second', $3, $4, clock_timestamp())
       on conflict (event) do update
         set until = excluded.until, reason = excluded.reason, brake = excluded.brake, since = excluded.since`,
      [eventId, waitSeconds, storable(reason), brake ?? null],
    );
  }
  const ended = outcome === 'queued' ? 'given_back' : outcome;
  await endClaim(tx, { eventId, runId }, { outcome: ended, reason, ...(answer && { answer }) });
  return outcome;
}
