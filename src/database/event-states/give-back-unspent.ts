import type { Database } from '../connection.ts';
import type { EndSettings } from '../event-queries/settings.ts';
import { endClaim, lockClaimed, storable, type Holder } from './lock-claimed.ts';
import { undoClaim } from './put-back.ts';
import { transactionWithRetry } from './retry-on-conflict.ts';

/**
 * Puts an event back that has to wait for something that is no fault of its own: the claim is undone, the attempt does
 * not count, and the event is not before so many seconds from now, with the reason.
 *
 * @param wait.waitSeconds fractions are allowed; 0 or less: it may be claimed again at once
 * @returns what became of the row (`superseded`: an identical event was queued meanwhile). Repeated by the same run: the same answer.
 */
export async function giveBackUnspent(
  db: Database,
  wait: Holder & { readonly waitSeconds: number; readonly reason: string },
  settings: EndSettings,
): Promise<'not_ours' | 'queued' | 'superseded'> {
  const { eventId, runId, waitSeconds, reason } = wait;
  return transactionWithRetry(db, async (tx) => {
    const hold = await lockClaimed(tx, { eventId, runId });
    if (hold.kind === 'ended' && hold.outcome === 'given_back') return 'queued';
    if (hold.kind === 'ended' && hold.outcome === 'superseded') return 'superseded';
    if (hold.kind !== 'held') return 'not_ours';
    const outcome = await undoClaim(tx, hold.event, settings);
    if (outcome === 'queued' && waitSeconds > 0) {
      await tx.query(
        `insert into artwork_reconciler.event_not_before (event, until, reason)
         values ($1, clock_timestamp() + $2::float8 * interval '1 second', $3)
         on conflict (event) do update set until = excluded.until, reason = excluded.reason`,
        [eventId, waitSeconds, storable(reason)],
      );
    }
    await endClaim(tx, { eventId, runId }, { outcome: outcome === 'queued' ? 'given_back' : outcome, reason });
    return outcome;
  });
}
