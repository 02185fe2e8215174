import type { Transaction } from '../connection.ts';

/** An entity in the hand of the run that asks. */
export interface HeldEntity {
  readonly id: number;
  readonly entity_type: 'event' | 'release';
  readonly gid: string;
  readonly claim_workflow_id: string | null;
  readonly claim_run_id: string | null;
  readonly claimed_at: Date;
  readonly claimed_by: string;
  readonly repaired_checks: Record<string, number> | null;
  readonly return_reasons: string[] | null;
}

/**
 * Locks an entity's row if the claim is still this run's: the fence of all that an audit does at its end.
 *
 * @param runId null: a claim of the pacer's that no run has taken over
 * @returns undefined where the entity is in other hands, or in none
 */
export async function lockClaim(
  tx: Transaction,
  claim: { readonly entityId: number; readonly runId: string | null },
): Promise<HeldEntity | undefined> {
  // An operator's SQL may have set the status without a claim: such a row is held by nobody since ever.
  const { rows } = await tx.query<HeldEntity>(
    `select id, entity_type::text, gid::text, claim_workflow_id, claim_run_id,
            coalesce(claimed_at, now()) as claimed_at, coalesce(claimed_by, 'nobody') as claimed_by,
            repaired_checks, return_reasons
     from artwork_reconciler.audit_entity
     where id = $1 and status = 'audit_in_progress' and claim_run_id is not distinct from $2
     for update`,
    [claim.entityId, claim.runId],
  );
  return rows[0];
}
