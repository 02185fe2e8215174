import type { EntityKey } from '../../domain/entity.ts';
import type { Outcome } from '../../domain/decision/decision.ts';
import type { Queryable } from '../connection.ts';

/** How one run's audit of an entity went. */
export interface EndedAudit extends EntityKey {
  /** Its number. */
  readonly auditId: number;
  readonly decision: Outcome;
  /** What kind of obstacle there was; null where a decision was made. */
  readonly cause: string | null;
  readonly reason: string | null;
  /** The checks that found something. */
  readonly checks: readonly string[];
  readonly requests: Readonly<Record<string, number>>;
  /** What the entity has become. */
  readonly status: string;
  readonly milliseconds: number;
}

/** The audit that a run has recorded last of an entity, or null where it has recorded none. */
export async function readEndedAudit(
  q: Queryable,
  { entityId, runId }: { readonly entityId: number; readonly runId: string },
): Promise<EndedAudit | null> {
  const { rows } = await q.query<EndedAudit>(
    `select entity.entity_type as "entityType", entity.gid, entity.status::text, audit.id as "auditId",
       audit.decision::text, audit.cause, audit.reason, audit.requests,
       array(select finding->>'check' from jsonb_array_elements(audit.findings) as finding) as checks,
       round(extract(epoch from audit.decided_at - audit.started_at) * 1000)::int as milliseconds
     from artwork_reconciler.audit_entity entity
     join artwork_reconciler.audit audit on audit.audit_entity_id = entity.id
     where entity.id = $2 and audit.run_id = $1
     order by audit.id desc limit 1`,
    [runId, entityId],
  );
  return rows[0] ?? null;
}
