import type { EntityType } from '../../domain/entity.ts';
import { type AttemptOutcome, type EventAction, type EventState, gidsNamed } from '../../domain/queue/indexer-event.ts';
import type { Queryable } from '../connection.ts';
import { type EntityName, readEntityNames } from '../musicbrainz/entity-kinds.ts';
import type { EventSettings } from './event-sql.ts';
import { eventColumns, type ListedEvent } from './list-events.ts';
import { whyNotClaimable } from './why-not-claimable.ts';

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

export type TreeEvent = Pick<ListedEvent, 'action' | 'dependsOn' | 'entityType' | 'id' | 'message' | 'state'>;

/** An event with all that it depends on and all that depends on it, directly or not. */
export interface EventTree {
  readonly ancestors: readonly TreeEvent[];
  readonly dependents: readonly TreeEvent[];
  /** Whether there are more than were read. */
  readonly isCut: boolean;
}

/**
 * Reads the tree around an event: what it depends on, as far as it is still there (completed events are cleaned up), and
 * what depends on it and has not completed.
 *
 * @param limit for each side
 */
export async function readEventTree(q: Queryable, eventId: number, limit: number): Promise<EventTree> {
  const ancestors = await side(q, eventId, limit, ancestorsOf);
  const dependents = await side(q, eventId, limit, dependentsOf);
  return {
    ancestors: ancestors.slice(0, limit),
    dependents: dependents.slice(0, limit),
    isCut: ancestors.length > limit || dependents.length > limit,
  };
}

const ancestorsOf = `select unnest(e.depends_on) from tree join artwork_indexer.event_queue e on e.id = tree.id`;

const dependentsOf = `
  select e.id from tree
  join artwork_indexer.event_queue e on e.depends_on @> array[tree.id] and e.state in ('queued', 'failed')`;

async function side(q: Queryable, eventId: number, limit: number, next: string): Promise<TreeEvent[]> {
  const { rows } = await q.query<TreeEvent>(
    // A recursion goes no further than somebody asks for rows, so the limit ends it.
    `with recursive tree as (select $1::bigint as id union ${next}),
     bounded as (select id from tree where id <> $1 limit $2)
     select e.id, e.state, e.entity_type as "entityType", e.action, e.message, coalesce(e.depends_on, '{}') as "dependsOn"
     from artwork_indexer.event_queue e where e.id in (select id from bounded)
     order by e.id`,
    [eventId, limit + 1],
  );
  return rows;
}

/** An attempt of ours that has ended, with what the archive answered where it did. */
export interface EventAttempt {
  readonly attempt: number;
  readonly runId: string;
  readonly startedAt: Date;
  readonly endedAt: Date;
  readonly outcome: AttemptOutcome;
  readonly reason: string | null;
  readonly status: number | null;
  readonly bodyExcerpt: string | null;
  readonly requestId: string | null;
}

export interface RelatedEvent {
  readonly id: number;
  readonly state: EventState;
  readonly action: EventAction;
  readonly message: unknown;
}

/** Everything known of one event. */
export interface ShownEvent extends ListedEvent {
  /** Why it can't be claimed now, in words; null where it can. Only for what is queued. */
  readonly waitsBecause: string | null;
  readonly claim: { readonly workflowId: string; readonly runId: string; readonly claimedAt: Date } | null;
  readonly notBefore: { readonly until: Date; readonly reason: string } | null;
  readonly dismissal: { readonly at: Date; readonly actor: string; readonly note: string | null } | null;
  /** The person who asked for it, where one did who is on record. */
  readonly askedBy: { readonly at: Date; readonly actor: string; readonly note: string | null } | null;
  /** All of them, the oldest first; the other daemon's attempts have left nothing else. */
  readonly reasons: readonly { readonly reason: string; readonly at: Date }[];
  readonly attemptsMade: readonly EventAttempt[];
  /** Those that are still there: completed ones are cleaned up. */
  readonly parents: readonly RelatedEvent[];
  /** What depends on it and has not completed. */
  readonly dependents: readonly RelatedEvent[];
}

/** Everything known of one event, or null where there is none of that id. */
export async function showEvent(q: Queryable, eventId: number, settings: EventSettings): Promise<ShownEvent | null> {
  const events = await q.query<ListedEvent>(
    `select ${eventColumns} from artwork_indexer.event_queue e where e.id = $1`,
    [eventId],
  );
  const [event] = events.rows;
  if (event === undefined) return null;
  const claims = await q.query<NonNullable<ShownEvent['claim']>>(claimStatement, [eventId]);
  const waits = await q.query<NonNullable<ShownEvent['notBefore']>>(notBeforeStatement, [eventId]);
  const dismissals = await q.query<NonNullable<ShownEvent['dismissal']>>(dismissalStatement, [eventId]);
  const asked = await q.query<NonNullable<ShownEvent['askedBy']>>(askedByStatement, [eventId]);
  return {
    ...event,
    waitsBecause: event.state === 'queued' ? await whyNotClaimable(q, eventId, settings) : null,
    claim: claims.rows[0] ?? null,
    notBefore: waits.rows[0] ?? null,
    dismissal: event.dismissed ? (dismissals.rows[0] ?? null) : null,
    askedBy: asked.rows[0] ?? null,
    reasons: (await q.query<ShownEvent['reasons'][number]>(reasonsStatement, [eventId])).rows,
    attemptsMade: (await q.query<EventAttempt>(attemptsStatement, [eventId])).rows,
    parents: (await q.query<RelatedEvent>(parentsStatement, [eventId])).rows,
    dependents: (await q.query<RelatedEvent>(dependentsStatement, [eventId])).rows,
  };
}

const claimStatement = `
  select workflow_id as "workflowId", run_id as "runId", claimed_at as "claimedAt"
  from artwork_reconciler.event_claim where event = $1`;

const notBeforeStatement = `select until, reason from artwork_reconciler.event_not_before where event = $1`;

const dismissalStatement = `select at, actor, note from artwork_reconciler.event_dismissal where event = $1`;

const askedByStatement = `
  select at, actor, note from artwork_reconciler.operator_action
  where action = 'index entity' and after->'event' = to_jsonb($1::bigint) order by id limit 1`;

const reasonsStatement = `
  select failure_reason as reason, created as at
  from artwork_indexer.event_failure_reason where event = $1 order by created`;

const attemptsStatement = `
  select attempt, run_id as "runId", started_at as "startedAt", ended_at as "endedAt", outcome, reason, status,
    body_excerpt as "bodyExcerpt", request_id as "requestId"
  from artwork_reconciler.event_attempt where event = $1 order by ended_at`;

const related = `select e.id, e.state, e.action, e.message from artwork_indexer.event_queue e`;

const parentsStatement = `
  ${related}
  where e.id = any ((select depends_on from artwork_indexer.event_queue where id = $1)::bigint[]) order by e.id`;

const dependentsStatement = `
  ${related} where e.depends_on @> array[$1::bigint] and e.state in ('queued', 'failed') order by e.id`;

/** What a person did to an event. */
export interface ActionOnEvent {
  readonly at: Date;
  readonly actor: string;
  readonly action: string;
  readonly note: string | null;
  /** What became of it: `done`, `skipped` or `refused`, with why; null where it was done alone. */
  readonly outcome: string | null;
  readonly reason: string | null;
  /** The bulk action that it was a part of. */
  readonly bulkAction: string | null;
}

/** What persons did to one event, alone, in a list, or in a bulk action: the newest first. */
export async function readEventActions(
  q: Queryable,
  eventId: number,
  limit: number,
): Promise<readonly ActionOnEvent[]> {
  const { rows } = await q.query<ActionOnEvent>(
    `select at, actor, action, note, null as outcome, null as reason, null as "bulkAction"
     from artwork_reconciler.operator_action record
     where record.action in ('requeue events', 'dismiss events', 'withdraw events')
       and (
         record.after @> jsonb_build_object('requeued', jsonb_build_array($1::bigint))
         or record.after @> jsonb_build_object('dismissed', jsonb_build_array($1::bigint))
         or record.after @> jsonb_build_object('withdrawn', jsonb_build_array($1::bigint))
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
     where done.target = $1 and action.kind in ('requeue_events', 'dismiss_events', 'withdraw_events') and done.outcome is not null
       and action.confirmed_at is not null
     order by 1 desc limit $2`,
    [eventId, limit],
  );
  return rows;
}

/** An event, and what people call the entities that its message names. */
export interface NamedEvent {
  readonly id: number;
  readonly entityType: EntityType;
  readonly action: EventAction;
  readonly message: unknown;
  readonly entities: readonly { readonly gid: string; readonly name: EntityName | null }[];
}

/** Reads events with the names of their entities, in the order of the ids; one that is gone is left out. */
export async function readNamedEvents(q: Queryable, ids: readonly number[]): Promise<readonly NamedEvent[]> {
  if (ids.length === 0) return [];
  const { rows } = await q.query<Omit<NamedEvent, 'entities'>>(
    `select e.id, e.entity_type as "entityType", e.action, e.message
     from unnest($1::bigint[]) with ordinality as asked (id, place) join artwork_indexer.event_queue e using (id)
     order by asked.place`,
    [ids],
  );
  const named = rows.map((event) => ({ ...event, gids: gidsNamed(event.action, event.message) }));
  const keys = named.flatMap(({ entityType, gids }) => gids.map((gid) => ({ entityType, gid })));
  const names = keys.length === 0 ? new Map<string, EntityName>() : await readEntityNames(q, keys);
  return named.map(({ gids, ...event }) => ({
    ...event,
    entities: gids.map((gid) => ({ gid, name: names.get(gid) ?? null })),
  }));
}
