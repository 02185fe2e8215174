import type { Database } from '../connection.ts';
import type { EndSettings } from '../event-queries/settings.ts';
import type { GivenBack } from './give-back-unspent.ts';
import { endClaim, type Holder, lockClaimed } from '../attempts/lock-claimed.ts';
import { undoClaim } from './put-back.ts';
import { transactionWithRetry } from './retry-on-conflict.ts';

/**
 * Puts an event back whose workflow run is gone, as Temporal says: the claim is undone, and the event may be claimed at
 * once. Whether the run is gone is for the caller to know; a run that comes back later finds that its claim is over.
 *
 * @returns `not_ours` where that run's claim is not current any more; a claim that means nothing goes all the same
 */
export async function giveBackLostClaim(db: Database, holder: Holder, settings: EndSettings): Promise<GivenBack> {
  return transactionWithRetry(db, async (tx) => {
    const hold = await lockClaimed(tx, holder);
    if (hold.kind !== 'held') return 'not_ours';
    const outcome = await undoClaim(tx, hold.event, settings);
    const reason = 'the workflow run that had it in hand is gone';
    await endClaim(tx, holder, { outcome: outcome === 'queued' ? 'given_back' : outcome, reason });
    return outcome;
  });
}
