import { priorities } from '../../domain/priorities.ts';
import type { Queryable } from '../connection.ts';

/**
 * Hands an entity to a person: `manual_review`, out of every hand. The caller opens the review in the same transaction
 * and holds the row's lock.
 *
 * The repairs in a row are kept: where repairs don't take, an event that completes has the entity audited again, and
 * that audit must not begin a new row. They end when a person closes the review, or with a clean audit.
 */
export async function makeManualReview(q: Queryable, entityId: number): Promise<void> {
  await q.query(
    `update artwork_reconciler.audit_entity
     set status = 'manual_review',
         priority = $2,
         due_at = null, due_cause = null,
         claim_workflow_id = null, claim_run_id = null, claimed_at = null,
         claimed_by = null, claim_batch = null, claim_expires_at = null,
         repair_audit_id = null,
         returns = 0, return_reasons = null, discards = 0, discarded_fingerprint = null
     where id = $1`,
    [entityId, priorities.usual],
  );
}
