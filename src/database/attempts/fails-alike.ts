import { projects } from '../../domain/entity.ts';
import { itemWritten } from '../../domain/queue/indexer-event.ts';
import type { Likeness } from '../../temporal/failure-types.ts';
import { type StoredBrakeName, writesBrake } from '../brakes/brake.ts';
import { setBrake } from '../brakes/stored-brakes.ts';
import type { Database, Transaction } from '../connection.ts';
import { projectOf } from '../entity-types.ts';
import type { Holder, LockedEvent } from './lock-claimed.ts';
import { takeBrakeOff } from './probes.ts';

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
export async function failsLikeOthers(
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
export async function writesWork(db: Database, { eventId, runId }: Holder): Promise<void> {
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
