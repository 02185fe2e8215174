import type { Queryable } from '../connection.ts';
import { countOrEstimate } from '../lists/count-or-estimate.ts';

/** How long it takes until every entity had its turn. */
export interface FullPass {
  readonly entities: number;
  /** Whether that is the planner's estimate: more are not counted one by one. */
  readonly isEstimate: boolean;
  readonly hours: number;
}

/** What one pass over all entities takes at a pace, if nothing brakes it. */
export async function readFullPass(q: Queryable, perHour: number): Promise<FullPass> {
  const { count: entities, isEstimate } = await countOrEstimate(q, 'from artwork_reconciler.audit_entity');
  return { entities, isEstimate, hours: entities / perHour };
}
