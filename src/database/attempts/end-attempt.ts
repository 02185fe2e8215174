import { type ProjectName, projects } from '../../domain/entity.ts';
import { itemWritten } from '../../domain/queue/indexer-event.ts';
import type { Likeness } from '../../temporal/failure-types.ts';
import { keysBrake, type StoredBrakeName, writesBrake } from '../../domain/brake.ts';
import { setBrake } from '../brakes/stored-brakes.ts';
import type { Database, Transaction } from '../connection.ts';
import { projectOf } from '../entity-types.ts';
import { transactionWithRetry } from '../locks.ts';
import { type EndSettings, maxAttempts } from '../queue/event-sql.ts';
import { probeMinutes } from '../queue/stops.ts';
import { addFailureReason, failForGood, noticeEnd } from './fail-for-good.ts';
import { type ArchiveAnswer, endClaim, type Holder, lockClaimed, type LockedEvent } from './lock-claimed.ts';
import { endProbe, takeBrakeOff } from './probes.ts';
import { type ReleasedEvent, snooze, supersededByTwin } from './release-event.ts';

/**
 * Notes that archive.org has taken a write: its id of the request is kept with the claim for the attempt (its staff can look up
 * what became of it), one after the other where there are several; and the stop of a project whose key was accepted ends, with
 * the waiting of the events that were released for it; but not a stop that is younger than the request: it was sent with the
 * key that was refused since.
 *
 * One short statement, where there is no stop, as after nearly every write.
 *
 * @param write.sentAgo milliseconds since the request was made
 */
export async function noteTakenWrite(
  db: Database,
  write: {
    readonly project: ProjectName;
    readonly sentAgo: number;
    readonly runId: string;
    readonly requestId: string | null;
  },
): Promise<void> {
  const name = keysBrake(write.project);
  const { rows } = await db.query<{ since: Date }>(
    `with kept as (
       update artwork_reconciler.event_claim set request_ids = concat_ws(', ', request_ids, $4::text)
       where run_id = $3 and $4::text is not null
     )
     select since from artwork_reconciler.brake
     -- One of a time to come was set before the clock was set back.
     where name = $1 and (since <= clock_timestamp() - make_interval(secs => $2) or since > clock_timestamp())`,
    [name, write.sentAgo / 1000, write.runId, write.requestId],
  );
  for (const { since } of rows) await takeBrakeOff(db, { name, since });
}

/**
 * `running → completed`, by the holder of the current claim; also where the other daemon's housekeeping has set the row
 * to `failed` meanwhile (it takes any retry for one that hangs). A late worker changes nothing.
 *
 * @param what.note why nothing was to be done, where that is so; kept with the attempt
 * @param what.sent whether the archive has taken a write: what failed alike before says nothing any more (`writesWork`)
 * @returns `not_ours` where the claim is not this run's any more. Repeated by the same run: the same answer.
 */
export async function completeEvent(
  db: Database,
  { note, sent = false, ...holder }: Holder & { readonly note?: string | undefined; readonly sent?: boolean },
  settings: EndSettings,
): Promise<'completed' | 'not_ours'> {
  const ended = await transactionWithRetry(db, async (tx) => {
    const hold = await lockClaimed(tx, holder);
    // What came after the commit of the first time is not known.
    if (hold.kind === 'ended' && hold.outcome === 'completed') return { outcome: 'completed', failing: true } as const;
    if (hold.kind !== 'held') return { outcome: 'not_ours', failing: false } as const;
    const failing = await endClaim(tx, holder, { outcome: 'completed', ...(note !== undefined && { reason: note }) });
    await noticeEnd(tx, hold.event, 'completed', settings);
    return { outcome: 'completed', failing } as const;
  });
  // What fails from here on fails after this.
  if (sent && ended.failing) await writesWork(db, holder);
  return ended.outcome;
}

interface FailedAttempt extends Holder {
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
 * Where other items have failed alike just before, it is snoozed, and its project's writes stop.
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
      return snooze(tx, wait, settings);
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

/**
 * Stops a project's events, as archive.org has refused its key to one of them, and snoozes that one: both or
 * neither. It waits a minute longer than until the next event is let through to try the key, so that this is another
 * one: should it be this item alone that is refused, the others don't wait for it for ever. When the brake goes, so
 * does the wait.
 *
 * @returns what became of the row, as for `snoozeEvent`; the brake is on in any case
 */
export async function refuseKeys(
  db: Database,
  refusal: Holder & {
    readonly project: ProjectName;
    readonly reason: string;
    readonly answer?: ArchiveAnswer | undefined;
  },
  settings: EndSettings,
): Promise<ReleasedEvent> {
  const { eventId, runId, project, reason, answer } = refusal;
  const brake = keysBrake(project);
  const wait = { eventId, runId, reason, waitSeconds: (probeMinutes + 1) * 60, brake, ...(answer && { answer }) };
  return transactionWithRetry(db, async (tx) => {
    await setBrake(tx, { name: brake, reason });
    await endProbe(tx, eventId, brake);
    return snooze(tx, wait, settings);
  });
}

/**
 * The number of different items that fail with the same answer, one after the other, are no fault of theirs. Few, as each one
 * before has lost an attempt, and a short queue must not fail for good either; a stop for nothing ends with the first
 * event that is tried, within minutes.
 */
const failingItems = 3;

/**
 * Notes that an event's attempt failed with an answer that may be everybody's, and stops its project's writes where
 * other items got the same just before it (life-cycles page, "Writes fail alike").
 *
 * @returns the brake that is on for this very answer: the attempt is not to count then; else null
 */
async function failsLikeOthers(
  tx: Transaction,
  event: LockedEvent,
  failure: { readonly alike: Likeness; readonly reason: string },
): Promise<StoredBrakeName | null> {
  const project = projects[event.entityType].name;
  const { rows } = await tx.query<{ items: number }>(
    `insert into artwork_reconciler.event_failures_alike as known (project, answer, items) values ($1, $2, array[$3])
     on conflict (project) do update set
       answer = excluded.answer,
       items = case
         when known.answer <> excluded.answer then excluded.items
         when known.items @> excluded.items or cardinality(known.items) >= ${failingItems} then known.items
         else known.items || excluded.items
       end
     returning cardinality(items) as items`,
    [project, failure.alike, itemWritten(event.action, event.message) ?? `event ${event.id}`],
  );
  if ((rows[0]?.items ?? 0) < failingItems) return null;
  const name = writesBrake(project);
  await setBrake(tx, { name, reason: `items fail alike, one after the other (${failure.alike}): ${failure.reason}` });
  return name;
}

/**
 * Notes that an event was carried out: what failed alike before says nothing any more, and where it was claimed after
 * its project's writes were stopped, they continue.
 */
async function writesWork(db: Database, { eventId, runId }: Holder): Promise<void> {
  const { rows } = await db.query<{ name: StoredBrakeName; since: Date }>(
    `with done as materialized (
       select ${projectOf('e.entity_type')} as project, attempt.started_at
       from artwork_reconciler.event_attempt attempt join artwork_indexer.event_queue e on e.id = attempt.event
       where attempt.event = $1 and attempt.run_id = $2 and attempt.outcome = 'completed'
     ),
     forgotten as (
       delete from artwork_reconciler.event_failures_alike using done
       where event_failures_alike.project = done.project
     )
     select brake.name, brake.since from artwork_reconciler.brake join done on brake.name = 'writes_fail_' || done.project
     -- One of a time to come was set before the clock was set back.
     where brake.since <= done.started_at or brake.since > clock_timestamp()`,
    [eventId, runId],
  );
  for (const { name, since } of rows) await takeBrakeOff(db, { name, since });
}
