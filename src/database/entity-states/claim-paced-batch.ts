import type { EntityType } from '../../domain/entity.ts';
import type { Queryable, Transaction } from '../connection.ts';

export interface ClaimedEntity {
  readonly entityId: number;
  readonly entityType: EntityType;
  readonly gid: string;
  /** The id under which its audit is to be started. */
  readonly workflowId: string;
}

/**
 * Claims the next entities whose turn it is, for the pacer, in this order: priority from high to low, then never
 * audited, then audited longest ago, then id. `beginAudit` takes each claim over with its workflow's run.
 *
 * Rows that another transaction has locked are skipped, not waited for: two pacers side by side get different rows.
 * The order is that of the index `audit_entity_claim`, so no more rows are read than are claimed.
 *
 * @param what.batch names the step that claims. Called again with the same name (an activity whose worker died after
 * the commit) it claims nothing, and gives what is left in hand of the first call's rows.
 * @returns in the order of the claim
 */
export async function claimPacedBatch(
  tx: Transaction,
  what: { readonly count: number; readonly batch?: string },
): Promise<ClaimedEntity[]> {
  const batch = what.batch ?? null;
  if (batch !== null) {
    const earlier = await claimedAs(tx, batch);
    if (earlier.length > 0) return earlier;
  }
  const { rows } = await tx.query<ClaimedRow>(
    `with next_up as (
       select id, priority, last_audit_at
       from artwork_reconciler.audit_entity
       where status = 'unchecked' and due_at is null
       order by priority desc, last_audit_at nulls first, id
       limit $1
       for update skip locked
     ), claimed as (
       update artwork_reconciler.audit_entity entity
       set status = 'audit_in_progress',
           due_cause = null,
           claim_workflow_id = 'audit-' || entity.entity_type::text || '-' || entity.gid::text,
           claim_run_id = null, claimed_at = now(), claimed_by = 'pacer', claim_batch = $2, claim_expires_at = null,
           repair_audit_id = null, discards = 0, discarded_fingerprint = null
       from next_up
       where entity.id = next_up.id
       returning entity.id, entity.entity_type, entity.gid, entity.claim_workflow_id
     )
     select claimed.id, claimed.entity_type::text, claimed.gid::text, claimed.claim_workflow_id
     from claimed join next_up using (id)
     order by next_up.priority desc, next_up.last_audit_at nulls first, id`,
    [what.count, batch],
  );
  return rows.map(toClaimed);
}

interface ClaimedRow {
  readonly id: number;
  readonly entity_type: EntityType;
  readonly gid: string;
  readonly claim_workflow_id: string;
}

/** Those of a batch that are claimed and of which no workflow's run has taken the claim over yet. */
export async function readNotBegun(q: Queryable, batch: string): Promise<ClaimedEntity[]> {
  return claimedAs(q, batch, 'and claim_run_id is null');
}

async function claimedAs(q: Queryable, batch: string, only = ''): Promise<ClaimedEntity[]> {
  const { rows } = await q.query<ClaimedRow>(
    `select id, entity_type::text, gid::text, claim_workflow_id
     from artwork_reconciler.audit_entity
     where status = 'audit_in_progress' and claim_batch = $1 ${only}
     order by priority desc, last_audit_at nulls first, id`,
    [batch],
  );
  return rows.map(toClaimed);
}

function toClaimed(row: ClaimedRow): ClaimedEntity {
  return { entityId: row.id, entityType: row.entity_type, gid: row.gid, workflowId: row.claim_workflow_id };
}
