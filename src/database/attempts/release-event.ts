import sql, { raw } from 'sql-template-tag';
import type { StoredBrakeName } from '../../domain/brake.ts';
import type { Database, Queryable, Transaction } from '../connection.ts';
import { tryEach } from '../database-away.ts';
import { lockEvents, transactionWithRetry } from '../locks.ts';
import { delayOf, ended, type EndSettings, leftRunning } from '../queue/event-sql.ts';
import { addFailureReason, failForGood } from './fail-for-good.ts';
import {
  type ArchiveAnswer,
  endClaim,
  type Holder,
  lockClaimed,
  lockedColumns,
  type LockedEvent,
  storable,
} from './lock-claimed.ts';

/**
 * Releases the events that the other daemon left `running`: rows without a claim of ours, `foreign_running_minutes`
 * after their `last_updated`. The attempt it had counted does not count, and they are due at once: they were when it
 * took them.
 *
 * Strategy: each row in a transaction of its own, checked again under its lock, so that a row that the daemon is just
 * ending is left to it, and one identical event that was queued meanwhile doesn't keep the others from going back.
 *
 * @returns the ids of those that are `queued` again, or that an identical event has superseded
 */
export async function releaseForeignRunning(db: Database, settings: EndSettings): Promise<number[]> {
  const { foreignRunningMinutes } = settings.events;
  const { rows } = await db.query<{ id: number }>(
    sql`select e.id from artwork_indexer.event_queue e where ${leftRunning('e', foreignRunningMinutes)} order by e.id`,
  );
  const given = await tryEach(rows, ({ id }) =>
    transactionWithRetry(db, async (tx) => {
      const event = await lockLeftRunning(tx, id, foreignRunningMinutes);
      if (event === undefined) return [];
      if (await supersededByTwin(tx, event, settings)) return [id];
      // Not the moment it was taken at, but one that is as far back as its attempts make it wait.
      await tx.query(
        sql`update artwork_indexer.event_queue e
         set state = 'queued', attempts = before.attempts, last_updated = e.last_updated - ${delayOf('before', settings)}
         from (select greatest(attempts - 1, 0)::smallint as attempts from artwork_indexer.event_queue where id = ${id}) before
         where e.id = ${id}`,
      );
      return [id];
    }),
  );
  return given.flat();
}

async function lockLeftRunning(tx: Transaction, eventId: number, minutes: number): Promise<LockedEvent | undefined> {
  const { rows } = await tx.query<LockedEvent>(
    lockEvents(
      sql`select ${raw(lockedColumns)} from artwork_indexer.event_queue e
       where e.id = ${eventId} and ${leftRunning('e', minutes)}`,
      'e skip locked',
    ),
  );
  return rows[0];
}

/** What became of the row; `not_ours` where the claim is not current any more. */
export type ReleasedEvent = 'not_ours' | 'queued' | 'superseded';

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
 * Snoozes an event that has to wait for something that is not its own fault: the claim is undone, the attempt does
 * not count, and the event is not due until that many seconds from now, with the reason.
 *
 * @param wait.waitSeconds fractions are allowed; 0 or less: it may be claimed again at once
 * @returns what became of the row (`superseded`: an identical event was queued meanwhile). Repeated by the same run: the same answer.
 */
export async function snoozeEvent(
  db: Database,
  wait: Omit<Wait, 'brake'>,
  settings: EndSettings,
): Promise<ReleasedEvent> {
  return transactionWithRetry(db, (tx) => snooze(tx, wait, settings));
}

/** The same, in a transaction that does more; to be run in `transactionWithRetry`. */
export async function snooze(tx: Transaction, wait: Wait, settings: EndSettings): Promise<ReleasedEvent> {
  const { eventId, runId, waitSeconds, reason, brake, answer, sqlState } = wait;
  const hold = await lockClaimed(tx, { eventId, runId });
  if (hold.kind === 'ended' && hold.outcome === 'given_back') return 'queued';
  if (hold.kind === 'ended' && hold.outcome === 'superseded') return 'superseded';
  if (hold.kind !== 'held') return 'not_ours';
  const outcome = await undoClaim(tx, hold.event, settings);
  if (outcome === 'queued' && waitSeconds > 0) {
    await tx.query(
      `insert into artwork_reconciler.event_not_before (event, until, reason, brake, since)
       values ($1, clock_timestamp() + make_interval(secs => $2), $3, $4, clock_timestamp())
       on conflict (event) do update
         set until = excluded.until, reason = excluded.reason, brake = excluded.brake, since = excluded.since`,
      [eventId, waitSeconds, storable(reason), brake ?? null],
    );
  }
  const endedAs = outcome === 'queued' ? 'given_back' : outcome;
  await endClaim(tx, { eventId, runId }, { outcome: endedAs, reason, sqlState, ...(answer && { answer }) });
  return outcome;
}

/** The number of consecutive times, the last one included, before a statement that fails is its event's own trouble. */
const ownTroubleAfter = 5;

/**
 * Whether what is about to be released, as a statement of it was cancelled or found no memory, was so four times
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

/**
 * Whether an identical event was queued since this one was taken: the queue holds only one of a kind (unique index), and
 * the younger one does this one's work. Then the row is set to `failed`, says by what it was superseded, and its
 * dependents fail as the contract says.
 *
 * To be asked before a row goes back to `queued`. An identical row that is inserted but not committed is not seen here;
 * then the unique index objects, and the transaction is repeated.
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
async function undoClaim(tx: Transaction, event: LockedEvent, settings: EndSettings): Promise<'queued' | 'superseded'> {
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

/**
 * Releases an event whose workflow run is gone, as Temporal says: the claim is undone, and the event may be claimed at
 * once. Whether the run is gone is for the caller to know; a run that comes back later finds that its claim is over.
 *
 * @returns `not_ours` where that run's claim is not current any more; a claim that means nothing goes all the same
 */
export async function releaseLostClaim(db: Database, holder: Holder, settings: EndSettings): Promise<ReleasedEvent> {
  return transactionWithRetry(db, async (tx) => {
    const hold = await lockClaimed(tx, holder);
    if (hold.kind !== 'held') return 'not_ours';
    const outcome = await undoClaim(tx, hold.event, settings);
    const reason = 'the workflow run that had claimed it is gone';
    await endClaim(tx, holder, { outcome: outcome === 'queued' ? 'given_back' : outcome, reason });
    return outcome;
  });
}
