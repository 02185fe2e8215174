import type { EntityKey } from '../../domain/entity.ts';
import { eventsNaming } from '../event-queries/event-sql.ts';
import type { Queryable } from '../connection.ts';

/** What an entry of a timeline is about. */
export type TimelineKind = 'action' | 'attempt' | 'audit' | 'event' | 'event_ended' | 'review_closed' | 'review_opened';

/** Something that happened to an entity. */
export interface TimelineEntry {
  readonly at: Date;
  readonly kind: TimelineKind;
  /** Of the audit, the event, the review or the record. */
  readonly id: number;
  /** The decision, the action, the outcome, the status: one word of the field. */
  readonly word: string;
  /** Why, or of whom; a text of any length. */
  readonly text: string | null;
  readonly by: string | null;
  readonly place: string;
}

/** An entity's events are some dozens; a merge of box sets may queue a thousand. */
const mostEvents = 2_000;

/**
 * All that happened to an entity, the newest first: audits, events that name it and their attempts, reviews, and what
 * operators did.
 *
 * @param page.before the `place` of the last entry of the page before
 */
export async function readTimeline(
  q: Queryable,
  key: EntityKey,
  page: { readonly limit: number; readonly before?: string | null },
): Promise<{ readonly entries: readonly TimelineEntry[]; readonly next: string | null }> {
  const place = /^(\d{1,17})\.([a-z_]{1,20})\.(\d{1,18})$/.exec(page.before ?? '');
  const { rows } = await q.query<TimelineEntry>(statement, [
    key.entityType,
    key.gid,
    place?.[1] ?? null,
    place?.[2] ?? null,
    place?.[3] ?? null,
    page.limit + 1,
    mostEvents,
  ]);
  const entries = rows.slice(0, page.limit);
  return { entries, next: rows.length > page.limit ? (entries.at(-1)?.place ?? null) : null };
}

const microseconds = (moment: string): string => `(extract(epoch from ${moment}) * 1000000)::bigint`;

/** Ends of events that were no attempt of ours: the other daemon's, whose reasons stand with artwork-indexer. */
const endedElsewhere = `
  select event.last_updated, 'event_ended', event.id, event.state::text, (
      select told.failure_reason from artwork_indexer.event_failure_reason told
      where told.event = event.id order by told.created desc limit 1), null
  from event
  where event.state in ('completed', 'failed') and not exists (
    select from artwork_reconciler.event_attempt attempt
    where attempt.event = event.id and attempt.outcome in ('completed', 'failed'))`;

const statement = `
  with entity as (
    select id from artwork_reconciler.audit_entity where entity_type = $1 and gid = $2::uuid
  ), event as materialized (
    select e.* from artwork_indexer.event_queue e
    where e.id in (select naming.id from (${eventsNaming('$2::text')}) naming order by naming.id desc limit $7)
      and e.entity_type = $1
  ), review as materialized (
    select review.* from artwork_reconciler.needs_manual_review review
    where review.audit_entity_id = (select id from entity)
  ), entry (at, kind, id, word, text, by) as (
    select decided_at, 'audit', id, decision::text, reason, asked_by
    from artwork_reconciler.audit where audit_entity_id = (select id from entity)
    union all
    select created, 'event', id, action::text, message::text, null from event
    union all
    select attempt.ended_at, 'attempt', attempt.event, attempt.outcome, attempt.reason, null
    from event join artwork_reconciler.event_attempt attempt on attempt.event = event.id
    union all ${endedElsewhere}
    union all
    select created_at, 'review_opened', id, 'open', review_reason, null from review
    union all
    select resolved_at, 'review_closed', id, status::text, resolution_notes, coalesce(resolved_by, 'an audit')
    from review where resolved_at is not null
    union all
    select at, 'action', id, action, note, actor
    from artwork_reconciler.operator_action
    where target = $1 || ' ' || $2 or target in (select 'review ' || review.id from review)
  )
  select *, ${microseconds('at')} || '.' || kind || '.' || id as place
  from entry
  where $3::bigint is null or (${microseconds('at')}, kind collate "C", id) < ($3::bigint, $4::text collate "C", $5::bigint)
  order by ${microseconds('at')} desc, kind collate "C" desc, id desc
  limit $6`;
