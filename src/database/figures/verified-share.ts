import type { Queryable } from '../connection.ts';
import { type Count, countOrEstimate } from '../lists/count-or-estimate.ts';

/** How many of the entities were audited, and decided about, within `[audit] recheck_days`. */
export interface VerifiedShare {
  readonly verified: Count;
  readonly entities: Count;
  /** From 0 to 1; null where there are no entities. */
  readonly share: number | null;
}

/** Beyond 10,000 both are the planner's estimates, which are right to about a hundredth. */
export async function readVerifiedShare(q: Queryable, recheckDays: number): Promise<VerifiedShare> {
  const seconds = Math.round(recheckDays * 86_400);
  const verified = await countOrEstimate(
    q,
    `from artwork_reconciler.audit_entity where last_audit_at >= now() - interval '${seconds} seconds'`,
  );
  const entities = await countOrEstimate(q, 'from artwork_reconciler.audit_entity');
  return {
    verified,
    entities,
    share: entities.count === 0 ? null : Math.min(1, verified.count / entities.count),
  };
}
