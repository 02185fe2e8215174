import sql, { raw, type Sql } from 'sql-template-tag';
import type { EntityKey } from '../../domain/entity.ts';
import type { Queryable } from '../connection.ts';
import { columnsOfRow, type ListedEntityRow } from '../entities/list-entities.ts';
import type { AuditRecord } from '../entities/write-audit.ts';
import { eventsNaming } from '../queue/event-sql.ts';

export interface AuditEntity extends Omit<ListedEntityRow, 'checks' | 'claimedAt' | 'name'> {
  readonly claim: {
    readonly workflowId: string | null;
    readonly runId: string | null;
    readonly by: string | null;
    readonly at: Date;
  } | null;
  readonly repairs: number;
  readonly returns: number;
  readonly returnReasons: readonly string[];
}

export interface AuditRepair {
  /** Null where it was not queued (report mode). */
  readonly eventId: number | null;
  readonly action: string;
  readonly message: unknown;
  readonly dependsOn: readonly number[];
  /** The row's state; where the row is gone, how it was seen to end, or null. */
  readonly state: string | null;
}

export interface PastAudit extends Omit<AuditRecord, 'counted' | 'entityId' | 'fingerprint'> {
  readonly id: number;
  readonly decidedAt: Date;
  readonly repairs: readonly AuditRepair[];
}

type EntityRow = Omit<AuditEntity, 'claim'> & {
  readonly claimWorkflowId: string | null;
  readonly claimRunId: string | null;
  readonly claimedBy: string | null;
  readonly claimedAt: Date | null;
};

/** One entity as it stands, or undefined where it is not an audit entity. */
export async function readAuditEntity(q: Queryable, { entityType, gid }: EntityKey): Promise<AuditEntity | undefined> {
  const { rows } = await q.query<EntityRow>(
    sql`select ${columnsOfRow}, repairs, returns, coalesce(return_reasons, '{}') as "returnReasons",
          claim_workflow_id as "claimWorkflowId", claim_run_id as "claimRunId", claimed_by as "claimedBy"
        from artwork_reconciler.audit_entity entity
        where entity_type = ${entityType} and gid = ${gid}`,
  );
  const [row] = rows;
  if (!row) return undefined;
  const { claimWorkflowId: workflowId, claimRunId: runId, claimedBy: by, claimedAt: at, ...entity } = row;
  return { ...entity, claim: at === null ? null : { workflowId, runId, by, at } };
}

/**
 * An entity's audits, the newest first, each with its repairs.
 *
 * @param page.beforeId only audits older than this one: the last of the page before
 */
export async function readAuditHistory(
  q: Queryable,
  entityId: number,
  page: { readonly limit: number; readonly beforeId?: number },
): Promise<readonly PastAudit[]> {
  const { rows } = await q.query<PastAudit>(
    `select audit.id, asked_by as "askedBy", workflow_id as "workflowId", run_id as "runId", identity,
            decision::text, cause, reason, mode, findings, requests,
            started_at as "startedAt", decided_at as "decidedAt",
            coalesce((
              select jsonb_agg(jsonb_build_object(
                       'eventId', repair.event_id, 'action', repair.action, 'message', repair.message,
                       'dependsOn', repair.depends_on, 'state', coalesce(event.state::text, repair.outcome))
                     order by repair.position)
              from artwork_reconciler.audit_repair repair
              left join artwork_indexer.event_queue event on event.id = repair.event_id
              where repair.audit_id = audit.id), '[]') as repairs
     from artwork_reconciler.audit
     where audit_entity_id = $1 and ($2::bigint is null or audit.id < $2)
     order by audit.id desc
     limit $3`,
    [entityId, page.beforeId ?? null, page.limit],
  );
  return rows;
}

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
  const [, at, kind, id] = place ?? [];
  const isOlder =
    place === null
      ? sql`true`
      : sql`(${microseconds('at')}, kind collate "C", id) < (${at}::bigint, ${kind}::text collate "C", ${id}::bigint)`;
  const { rows } = await q.query<TimelineEntry>(timelineStatement(key, isOlder, page.limit + 1));
  const entries = rows.slice(0, page.limit);
  return { entries, next: rows.length > page.limit ? (entries.at(-1)?.place ?? null) : null };
}

const microseconds = (moment: string): Sql => raw(`(extract(epoch from ${moment}) * 1000000)::bigint`);

/** Ends of events that were no attempt of ours: the other daemon's, whose reasons stand with artwork-indexer. */
const endedElsewhere = sql`
  select event.last_updated, 'event_ended', event.id, event.state::text, (
      select told.failure_reason from artwork_indexer.event_failure_reason told
      where told.event = event.id order by told.created desc limit 1), null
  from event
  where event.state in ('completed', 'failed') and not exists (
    select from artwork_reconciler.event_attempt attempt
    where attempt.event = event.id and attempt.outcome in ('completed', 'failed'))`;

/** @param isOlder a condition on an entry */
const timelineStatement = ({ entityType, gid }: EntityKey, isOlder: Sql, limit: number): Sql => sql`
  with entity as (
    select id from artwork_reconciler.audit_entity where entity_type = ${entityType} and gid = ${gid}::uuid
  ), event as materialized (
    select e.* from artwork_indexer.event_queue e
    where e.id in (select naming.id from (${eventsNaming(sql`${gid}::text`)}) naming order by naming.id desc limit ${mostEvents})
      and e.entity_type = ${entityType}
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
    where target = ${`${entityType} ${gid}`} or target in (select 'review ' || review.id from review)
  )
  select *, ${microseconds('at')} || '.' || kind || '.' || id as place
  from entry
  where ${isOlder}
  order by ${microseconds('at')} desc, kind collate "C" desc, id desc
  limit ${limit}`;
