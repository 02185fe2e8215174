import type { EntityKey, EntityType } from '../../domain/entity.ts';
import type { Queryable } from '../connection.ts';
import type { AuditStatus } from '../entities/count-by-status.ts';

/** A row that nothing will ever move on. */
interface BrokenLifeCycle {
  /** E.g. `release 5b1a…`, `event 12`. */
  readonly subject: string;
  readonly problem: string;
}

interface RunningWorkflows {
  /**
   * Whether Temporal has a workflow running: of this id, and, unless null, of this run. Where it is not given, claims
   * are taken for worked on.
   */
  isRunning?(workflowId: string, runId: string | null): Promise<boolean>;
}

/**
 * The rows that break the invariant of all life cycles: every entity that is not final has a due time, a running
 * workflow or an open event; every entity that waits for a person has an open review, and no final one has; every
 * running event has a claim that somebody is working on, or a moment at which it is released. Empty where all is well.
 *
 * For the end of tests: reads whole tables, and sees rows that housekeeping would mend at its next turn as broken.
 */
export async function findBrokenLifeCycles(
  q: Queryable,
  temporal: RunningWorkflows = {},
): Promise<readonly BrokenLifeCycle[]> {
  const { rows: stuck } = await q.query<{ subject: string; problem: string }>(brokenByRows);
  const { rows: claims } = await q.query<{ subject: string; workflowId: string; runId: string | null }>(
    claimsInProgress,
  );
  const abandoned: BrokenLifeCycle[] = [];
  for (const { subject, workflowId, runId } of claims) {
    if ((await temporal.isRunning?.(workflowId, runId)) === false) {
      abandoned.push({ subject, problem: `is claimed by workflow ${workflowId}, which is not running` });
    }
  }
  return [...stuck, ...abandoned];
}

/**
 * `unchecked` is not among them: without a due time it is due now. Nor is a running event without a claim of ours: it
 * is the other daemon's, and released some minutes after its `last_updated`.
 */
const brokenByRows = `
  with entity as (
    select *, entity_type::text || ' ' || gid::text as subject from artwork_reconciler.audit_entity
  ), broken as (
    select subject, 'is in progress, but claimed by nobody' as problem
    from entity
    where status = 'audit_in_progress' and claim_workflow_id is null
      and (claim_expires_at is null or claim_expires_at < now())
    union all
    select subject, 'waits for repairs, but none of them is queued or running'
    from entity
    where status = 'repair_queue' and not exists (
      select from artwork_reconciler.audit_repair repair
      join artwork_indexer.event_queue event on event.id = repair.event_id
      left join artwork_reconciler.event_claim claim on claim.event = event.id
      where repair.audit_id = entity.repair_audit_id
        and (event.state in ('queued', 'running') or claim.event is not null))
    union all
    select subject, 'waits for a person, but has no open review'
    from entity
    where status = 'manual_review' and not exists (
      select from artwork_reconciler.needs_manual_review review
      where review.audit_entity_id = entity.id and review.status = 'open')
    union all
    select subject, 'is ' || entity.status::text || ', but has an open review'
    from entity
    join artwork_reconciler.needs_manual_review review
      on review.audit_entity_id = entity.id and review.status = 'open'
    where entity.status in ('clean', 'legacy')
    union all
    -- What holds a queued event back for ever: a parent that can't complete any more.
    select 'event ' || event.id, 'is queued, but event ' || parent.id || ', which it depends on, has failed'
    from artwork_indexer.event_queue event
    join artwork_indexer.event_queue parent on parent.id = any (event.depends_on) and parent.state = 'failed'
    where event.state = 'queued'
  )
  select subject, problem from broken order by subject, problem`;

const claimsInProgress = `
  select entity_type::text || ' ' || gid::text as subject, claim_workflow_id as "workflowId", claim_run_id as "runId"
  from artwork_reconciler.audit_entity
  where status = 'audit_in_progress' and claim_workflow_id is not null
  union all
  select 'event ' || claim.event, claim.workflow_id, claim.run_id
  from artwork_reconciler.event_claim claim
  order by subject`;

interface UnsettledEntity extends EntityKey {
  readonly entityId: number;
  readonly status: AuditStatus;
  readonly dueAt: Date | null;
  /** Why it waits, where it waits; else null. */
  readonly dueCause: string | null;
  /** Of the latest audit that was released, if that was the last thing that happened to it. */
  readonly lastReason: string | null;
}

/** Everything that has not reached a final status: neither clean nor legacy nor waiting for a person. */
export async function unsettledEntities(
  q: Queryable,
  what: { readonly limit: number },
): Promise<readonly UnsettledEntity[]> {
  const { rows } = await q.query<{
    id: number;
    entityType: EntityType;
    gid: string;
    status: AuditStatus;
    dueAt: Date | null;
    dueCause: string | null;
    lastReason: string | null;
  }>(
    `select id, entity_type::text as "entityType", gid::text, status::text, due_at as "dueAt", due_cause as "dueCause",
            (select reason from artwork_reconciler.audit
             where audit_entity_id = entity.id order by audit.id desc limit 1) as "lastReason"
     from artwork_reconciler.audit_entity entity
     where status in ('unchecked', 'audit_in_progress', 'repair_queue')
     order by id
     limit $1`,
    [what.limit],
  );
  return rows.map((row) => ({
    entityId: row.id,
    entityType: row.entityType,
    gid: row.gid,
    status: row.status,
    dueAt: row.dueAt,
    dueCause: row.dueCause,
    lastReason: row.lastReason,
  }));
}
