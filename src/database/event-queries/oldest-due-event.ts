import type { Queryable } from '../connection.ts';
import { findDueEvents } from './due-events.ts';
import { clock } from './event-sql.ts';
import type { EventSettings } from './settings.ts';

/** The event that goes next, and for how long it could have gone. */
export interface OldestDueEvent {
  readonly id: number;
  /** Seconds since it was queued, its next attempt was due, or its *not before* was over: the last of these. */
  readonly dueForSeconds: number;
}

/**
 * The oldest event that can be claimed now, or null where there is none; so there is none while something stops them all.
 * Its age is what tells a queue that nobody works on from one that waits for good reasons.
 */
export async function readOldestDueEvent(q: Queryable, settings: EventSettings): Promise<OldestDueEvent | null> {
  const [event] = await findDueEvents(q, 1, settings);
  if (event === undefined) return null;
  const { rows } = await q.query<OldestDueEvent>(
    `select e.id, extract(epoch from ${clock} - greatest(
       e.created,
       e.last_updated + e.attempts * $2::float8 * interval '1 second',
       waiting.until
     ))::float8 as "dueForSeconds"
     from artwork_indexer.event_queue e
     left join artwork_reconciler.event_not_before waiting on waiting.event = e.id
     where e.id = $1`,
    [event.id, settings.events.attemptDelaySeconds],
  );
  const row = rows[0];
  return row === undefined ? null : { id: row.id, dueForSeconds: Math.max(0, row.dueForSeconds) };
}
