import type { EntityType } from '../../domain/entity.ts';
import type { AttemptOutcome, EventAction } from '../../domain/queue/indexer-event.ts';
import type { Queryable } from '../connection.ts';

/** How one workflow run's attempt at an event went. */
export interface EndedAttempt {
  readonly entityType: EntityType;
  readonly action: EventAction;
  /** The gids that its message names, whatever form that has. */
  readonly gids: readonly string[];
  readonly attempt: number;
  readonly outcome: AttemptOutcome;
  readonly reason: string | null;
  /** From the claim to the end. */
  readonly milliseconds: number;
}

/** The attempt of a run that has ended, or null where it has not, or never had the event. */
export async function readEndedAttempt(
  q: Queryable,
  { eventId, runId }: { readonly eventId: number; readonly runId: string },
): Promise<EndedAttempt | null> {
  const { rows } = await q.query<EndedAttempt>(
    `select event.entity_type as "entityType", event.action,
       array_remove(array[event.message->>'gid', event.message->>'old_gid', event.message->>'new_gid'], null) as gids,
       attempt.attempt, attempt.outcome, attempt.reason,
       round(extract(epoch from attempt.ended_at - attempt.started_at) * 1000)::int as milliseconds
     from artwork_reconciler.event_attempt attempt
     join artwork_indexer.event_queue event on event.id = attempt.event
     where attempt.event = $1 and attempt.run_id = $2`,
    [eventId, runId],
  );
  return rows[0] ?? null;
}
