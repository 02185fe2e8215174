import type { Queryable } from '../connection.ts';

/** What a person did to an event. */
export interface ActionOnEvent {
  readonly at: Date;
  readonly actor: string;
  readonly action: string;
  readonly note: string | null;
  /** What became of it: `done`, `skipped` or `refused`, with why; null where it was done by itself. */
  readonly outcome: string | null;
  readonly reason: string | null;
  /** The bulk action that it was a part of. */
  readonly bulkAction: string | null;
}

/** What persons did to one event, by itself, in a list, or in a bulk action: the newest first. */
export async function readEventActions(
  q: Queryable,
  eventId: number,
  limit: number,
): Promise<readonly ActionOnEvent[]> {
  const { rows } = await q.query<ActionOnEvent>(
    `select at, actor, action, note, null as outcome, null as reason, null as "bulkAction"
     from artwork_reconciler.operator_action record
     where record.action in ('requeue events', 'dismiss events')
       and (
         record.after @> jsonb_build_object('requeued', jsonb_build_array($1::bigint))
         or record.after @> jsonb_build_object('dismissed', jsonb_build_array($1::bigint))
       )
     union all
     select at, actor, action, note, null, null, null
     from artwork_reconciler.operator_action record
     where record.action = 'index entity' and record.after->'event' = to_jsonb($1::bigint)
     union all
     select action.confirmed_at, action.actor, replace(action.kind, '_', ' '), action.note, done.outcome, done.reason,
       action.id::text
     from artwork_reconciler.bulk_action_row done
     join artwork_reconciler.bulk_action action on action.id = done.bulk_action
     where done.target = $1 and action.kind in ('requeue_events', 'dismiss_events') and done.outcome is not null
       and action.confirmed_at is not null
     order by 1 desc limit $2`,
    [eventId, limit],
  );
  return rows;
}
