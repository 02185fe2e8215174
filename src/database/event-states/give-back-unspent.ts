import type { StoredBrakeName } from '../brakes/brake.ts';
import type { Database, Queryable, Transaction } from '../connection.ts';
import { ended } from '../event-queries/event-sql.ts';
import type { EndSettings } from '../event-queries/settings.ts';
import { type ArchiveAnswer, endClaim, type Holder, lockClaimed, storable } from '../attempts/lock-claimed.ts';
import { undoClaim } from './put-back.ts';
import { transactionWithRetry } from './retry-on-conflict.ts';

/** What became of the row; `not_ours` where the claim is not current any more. */
export type GivenBack = 'not_ours' | 'queued' | 'superseded';

interface Wait extends Holder {
  readonly waitSeconds: number;
  readonly reason: string;
  /** It waits for the end of this brake, and no longer than for that. */
  readonly brake?: StoredBrakeName;
  /** What PostgreSQL said, where a statement may have been too much for it. */
  readonly sqlState?: string | undefined;
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
  const { eventId, runId, waitSeconds, reason, brake, answer, sqlState } = wait;
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
  const endedAs = outcome === 'queued' ? 'given_back' : outcome;
  await endClaim(tx, { eventId, runId }, { outcome: endedAs, reason, sqlState, ...(answer && { answer }) });
  return outcome;
}

/** So many times running, the last one included, before a statement that fails is its event's own trouble. */
const ownTroubleAfter = 5;

/**
 * Whether what is about to be given back, as a statement of it was cancelled or found no memory, was so four times
 * before, and others were carried out since the first: then the trouble is its own, and costs an attempt.
 */
export async function isItsOwnTrouble(q: Queryable, eventId: number): Promise<boolean> {
  const { rows } = await q.query<{ own: boolean }>(
    `with before as (
       select outcome, sql_state, ended_at from artwork_reconciler.event_attempt
       where event = $1 order by ended_at desc limit ${ownTroubleAfter - 1}
     )
     select count(*) = ${ownTroubleAfter - 1} and bool_and(outcome = 'given_back' and sql_state is not null)
       and exists (
         select from artwork_indexer.event_queue other
         where ${ended('other')} and other.state = 'completed'
           and other.last_updated > (select min(ended_at) from before)
       ) as own
     from before`,
    [eventId],
  );
  return rows[0]?.own ?? false;
}
