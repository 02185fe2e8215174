import type { Database } from '../connection.ts';
import type { EndSettings } from '../event-queries/settings.ts';
import { endClaim, type Holder, lockClaimed } from '../attempts/lock-claimed.ts';
import { noticeEnd } from './notice-end.ts';
import { transactionWithRetry } from './retry-on-conflict.ts';

/**
 * `running → completed`, by the holder of the current claim; also where the other daemon's housekeeping has set the row
 * to `failed` meanwhile (it takes any retry for one that hangs). A late worker changes nothing.
 *
 * @param what.note why nothing was to be done, where that is so; kept with the attempt
 * @returns `not_ours` where the claim is not this run's any more. Repeated by the same run: the same answer.
 */
export async function completeEvent(
  db: Database,
  { note, ...holder }: Holder & { readonly note?: string | undefined },
  settings: EndSettings,
): Promise<'completed' | 'not_ours'> {
  return transactionWithRetry(db, async (tx) => {
    const hold = await lockClaimed(tx, holder);
    if (hold.kind === 'ended' && hold.outcome === 'completed') return 'completed';
    if (hold.kind !== 'held') return 'not_ours';
    await tx.query(`update artwork_indexer.event_queue set state = 'completed', last_updated = now() where id = $1`, [
      hold.event.id,
    ]);
    await endClaim(tx, holder, { outcome: 'completed', ...(note !== undefined && { reason: note }) });
    await noticeEnd(tx, hold.event, 'completed', settings);
    return 'completed';
  });
}
