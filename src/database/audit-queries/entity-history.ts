import type { Outcome } from '../../domain/decision/decision.ts';
import type { EntityKey, Identity } from '../../domain/entity.ts';
import type { Finding } from '../../domain/checks/finding.ts';
import type { Queryable } from '../connection.ts';
import type { AuditStatus } from './count-by-status.ts';

export interface AuditEntity extends EntityKey {
  readonly id: number;
  readonly status: AuditStatus;
  readonly priority: number;
  readonly lastAuditAt: Date | null;
  /** Null: due now, where the status is `unchecked`. */
  readonly dueAt: Date | null;
  readonly dueCause: string | null;
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

export interface PastAudit {
  readonly id: number;
  readonly askedBy: string;
  readonly workflowId: string | null;
  readonly runId: string | null;
  readonly identity: Identity | null;
  readonly decision: Outcome;
  readonly cause: string | null;
  readonly reason: string | null;
  readonly mode: string | null;
  readonly findings: readonly Finding[];
  readonly requests: Readonly<Record<string, number>>;
  readonly startedAt: Date;
  readonly decidedAt: Date;
  readonly repairs: readonly AuditRepair[];
}

type EntityRow = Omit<AuditEntity, 'claim'> & {
  readonly claim_workflow_id: string | null;
  readonly claim_run_id: string | null;
  readonly claimed_by: string | null;
  readonly claimed_at: Date | null;
};

/** One entity as it stands, or undefined where it is not an audit entity. */
export async function readAuditEntity(q: Queryable, { entityType, gid }: EntityKey): Promise<AuditEntity | undefined> {
  const { rows } = await q.query<EntityRow>(
    `select id, entity_type::text as "entityType", gid::text, status::text, priority,
            last_audit_at as "lastAuditAt", due_at as "dueAt", due_cause as "dueCause",
            repairs, returns, coalesce(return_reasons, '{}') as "returnReasons",
            claim_workflow_id, claim_run_id, claimed_by, claimed_at
     from artwork_reconciler.audit_entity
     where entity_type = $1 and gid = $2`,
    [entityType, gid],
  );
  const [row] = rows;
  if (!row) return undefined;
  const { claim_workflow_id: workflowId, claim_run_id: runId, claimed_by: by, claimed_at: at, ...entity } = row;
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
