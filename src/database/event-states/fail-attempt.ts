import type { Likeness } from '../../temporal/failure-types.ts';
import type { Database } from '../connection.ts';
import { maxAttempts } from '../event-queries/event-sql.ts';
import type { EndSettings } from '../event-queries/settings.ts';
import { probeMinutes } from '../queue/stops.ts';
import { addFailureReason, failForGood } from './fail-for-good.ts';
import { type ArchiveAnswer, endClaim, type Holder, lockClaimed } from '../attempts/lock-claimed.ts';
import { failsLikeOthers } from '../attempts/fails-alike.ts';
import { giveBack } from './give-back-unspent.ts';
import { endProbe } from '../attempts/probes.ts';
import { supersededByTwin } from './put-back.ts';
import { transactionWithRetry } from './retry-on-conflict.ts';

export interface FailedAttempt extends Holder {
  readonly reason: string;
  /** No attempt can succeed: the event fails at once, whatever attempts it has left. */
  readonly permanent: boolean;
  /** What the archive answered, where it did. */
  readonly answer?: ArchiveAnswer;
  /** Set where others may fail with the same answer, all for one reason. */
  readonly alike?: Likeness;
}

/**
 * Ends an attempt that failed: `running → queued`, to be tried again after `attempts` × `attempt_delay_seconds`; or
 * `failed`, after the fifth attempt, for good, or because an identical event was queued meanwhile. The reason is kept in
 * either case. Only the holder of the current claim ends it.
 *
 * Where other items have failed alike just before, it is given back unspent, and its project's writes stop.
 *
 * @returns what became of the row (`superseded` is `failed` there). Repeated by the same run: the same answer.
 */
export async function failAttempt(
  db: Database,
  { eventId, runId, reason, permanent, answer, alike }: FailedAttempt,
  settings: EndSettings,
): Promise<'failed' | 'not_ours' | 'queued' | 'superseded'> {
  return transactionWithRetry(db, async (tx) => {
    const hold = await lockClaimed(tx, { eventId, runId });
    if (hold.kind === 'ended' && hold.outcome === 'given_back') return 'queued';
    if (hold.kind === 'ended') return isFailure(hold.outcome) ? hold.outcome : 'not_ours';
    if (hold.kind === 'not_ours') return 'not_ours';
    const { event } = hold;
    const brake = alike === undefined ? null : await failsLikeOthers(tx, event, { alike, reason });
    if (brake !== null) {
      await endProbe(tx, eventId, brake);
      // A minute longer than until the next one is tried, so that this is another one.
      const wait = { eventId, runId, reason, answer, waitSeconds: (probeMinutes + 1) * 60, brake };
      return giveBack(tx, wait, settings);
    }
    await addFailureReason(tx, eventId, reason);
    const outcome = await (async () => {
      if (permanent || event.attempts >= maxAttempts) {
        await failForGood(tx, event, 'failed', settings);
        return 'failed';
      }
      if (await supersededByTwin(tx, event, settings)) return 'superseded';
      await tx.query(`update artwork_indexer.event_queue set state = 'queued', last_updated = now() where id = $1`, [
        eventId,
      ]);
      return 'queued';
    })();
    await endClaim(tx, { eventId, runId }, { outcome, reason, ...(answer === undefined ? {} : { answer }) });
    return outcome;
  });
}

function isFailure(outcome: string): outcome is 'failed' | 'queued' | 'superseded' {
  return outcome === 'failed' || outcome === 'queued' || outcome === 'superseded';
}
